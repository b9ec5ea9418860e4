package dev.fluxgate.engine.backend.cuda.cubin;

import java.util.List;
import java.util.Map;

/**
 * What one thread and one block of a kernel take.
 *
 * @param name symbol
 * @param registers 32-bit registers of a thread
 * @param stackBytes local memory of a thread: spilled registers, and arrays that are indexed
 * @param sharedBytes static shared memory of a block, without what a launch adds
 * @param maxThreads most threads of a block
 * @param opcodes how often each instruction occurs in the code
 * @param tensorLoops loops with products on tensor cores, inner ones before those around them
 */
public record KernelResources(
    String name,
    int registers,
    int stackBytes,
    int sharedBytes,
    int maxThreads,
    Map<Opcode, Integer> opcodes,
    List<TensorLoop> tensorLoops) {

  /** Copies the counts and the loops. */
  public KernelResources {
    opcodes = Map.copyOf(opcodes);
    tensorLoops = List.copyOf(tensorLoops);
  }

  /** How often {@code opcode} occurs. */
  public int count(Opcode opcode) {
    return opcodes.getOrDefault(opcode, 0);
  }
}
