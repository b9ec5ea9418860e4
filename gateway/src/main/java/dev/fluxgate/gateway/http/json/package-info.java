/**
 * Messages → the JSON that callers get; start at {@link dev.fluxgate.gateway.http.json.JsonText}.
 */
@NullMarked
package dev.fluxgate.gateway.http.json;

import org.jspecify.annotations.NullMarked;
