/**
 * One port of HTTP → REST, events, OpenAI's call, probes, gRPC and gRPC-Web; start at {@link
 * dev.fluxgate.gateway.http.HttpFront}.
 */
@NullMarked
package dev.fluxgate.gateway.http;

import org.jspecify.annotations.NullMarked;
