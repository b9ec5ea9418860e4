/** Texts that several services put before a language model. */
@NullMarked
package dev.fluxgate.proto.prompt;

import org.jspecify.annotations.NullMarked;
