/**
 * What requests bring beside words: pictures and tensors, by content. Stored once, checked as they
 * come, never decoded.
 */
@NullMarked
package dev.fluxgate.gateway.input;

import org.jspecify.annotations.NullMarked;
