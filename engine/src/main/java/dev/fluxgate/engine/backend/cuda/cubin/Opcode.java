package dev.fluxgate.engine.backend.cuda.cubin;

import java.util.Optional;

/** Machine instructions that tell what became of a kernel; bits 0 to 11 of every 128. */
public enum Opcode {
  /** Product of two fragments on the tensor cores, 16-bit elements. */
  HMMA(0x23c),
  /** Matrices from shared memory to the fragments of a warp. */
  LDSM(0x83b),
  /** Asynchronous copy from global to shared memory. */
  LDGSTS(0xfae),
  /** Waits for asynchronous copies. */
  DEPBAR(0x91a),
  /** Barrier of a block. */
  BAR(0xb1d),
  /** Exchange between the lanes of a warp. */
  SHFL(0xf89),
  /** Load from the stack of a thread: a spilled register. */
  LDL(0x983),
  /** Store to the stack of a thread: a register being spilled. */
  STL(0x387);

  private final int bits;

  Opcode(int bits) {
    this.bits = bits;
  }

  /** The instruction whose lowest 64 bits are {@code word}, if it is one of these. */
  static Optional<Opcode> of(long word) {
    int bits = (int) (word & 0xfff);
    for (Opcode opcode : values()) {
      if (opcode.bits == bits) {
        return Optional.of(opcode);
      }
    }
    return Optional.empty();
  }
}
