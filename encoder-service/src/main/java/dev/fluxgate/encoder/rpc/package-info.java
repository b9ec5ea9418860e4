/**
 * gRPC → prompts, prompt embeds → gRPC. Start at {@link
 * dev.fluxgate.encoder.rpc.TextEncoderEndpoint}.
 */
@NullMarked
package dev.fluxgate.encoder.rpc;

import org.jspecify.annotations.NullMarked;
