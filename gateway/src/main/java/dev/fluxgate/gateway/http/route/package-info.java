/**
 * HTTP requests → handlers → answers, refusals included; start at {@link
 * dev.fluxgate.gateway.http.route.RouteService}.
 */
@NullMarked
package dev.fluxgate.gateway.http.route;

import org.jspecify.annotations.NullMarked;
