/**
 * The route table and the descriptors of its messages → an OpenAPI document; start at {@link
 * dev.fluxgate.gateway.http.openapi.OpenApiDocument}.
 */
@NullMarked
package dev.fluxgate.gateway.http.openapi;

import org.jspecify.annotations.NullMarked;
