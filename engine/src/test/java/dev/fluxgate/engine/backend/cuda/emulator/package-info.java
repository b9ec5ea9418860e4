/** That the emulator finds what is wrong with a kernel, and nothing in those that are right. */
@NullMarked
package dev.fluxgate.engine.backend.cuda.emulator;

import org.jspecify.annotations.NullMarked;
