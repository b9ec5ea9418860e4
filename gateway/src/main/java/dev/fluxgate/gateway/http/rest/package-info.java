/**
 * Calls about jobs, pictures and models → what the gateway answers, as JSON; start at {@link
 * dev.fluxgate.gateway.http.rest.JobRoutes}.
 */
@NullMarked
package dev.fluxgate.gateway.http.rest;

import org.jspecify.annotations.NullMarked;
