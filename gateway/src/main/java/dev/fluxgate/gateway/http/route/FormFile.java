package dev.fluxgate.gateway.http.route;

import com.google.protobuf.ByteString;

/**
 * A file of a form.
 *
 * @param name of its part, without "[]"
 * @param bytes of it
 */
public record FormFile(String name, ByteString bytes) {}
