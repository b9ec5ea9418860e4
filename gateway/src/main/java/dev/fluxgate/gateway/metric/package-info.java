/**
 * What happens in the gateway → numbers for Prometheus; start at {@link
 * dev.fluxgate.gateway.metric.GatewayMetrics}.
 */
@NullMarked
package dev.fluxgate.gateway.metric;

import org.jspecify.annotations.NullMarked;
