/**
 * The op set on a CPU: products through oneDNN, everything else as vectors of Java. Start at {@link
 * dev.fluxgate.engine.backend.cpu.CpuBackend}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cpu;

import org.jspecify.annotations.NullMarked;
