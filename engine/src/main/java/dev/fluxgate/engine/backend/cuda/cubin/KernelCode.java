package dev.fluxgate.engine.backend.cuda.cubin;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The instructions of a kernel: 128 bits each, the opcode in bits 0 to 11. A branch tells how far
 * behind its end it goes on, as a signed number of quarters of its length: in bits 34 to 81, and
 * from architecture 90 on with eight more below them, in bits 16 to 23.
 */
final class KernelCode {
  private static final int INSTRUCTION_BYTES = 16;
  private static final int QUARTERS = 4;
  private static final int OPCODE = 0xfff;
  private static final int BRANCH = 0x947;

  /** A branch that all lanes take or none. */
  private static final int UNIFORM_BRANCH = 0x547;

  private static final int FIRST_WITH_WIDE_DISTANCE = 90;

  private final ByteBuffer bytes;
  private final int offset;
  private final int count;
  private final boolean wide;

  /**
   * The code of {@code size} bytes from {@code offset} on, for compute capability {@code capability
   * / 10}.
   *
   * @throws IndexOutOfBoundsException if {@code bytes} end before
   */
  KernelCode(ByteBuffer bytes, int offset, int size, int capability) {
    Objects.checkFromIndexSize(offset, size, bytes.limit());
    this.bytes = bytes;
    this.offset = offset;
    this.count = size / INSTRUCTION_BYTES;
    this.wide = capability >= FIRST_WITH_WIDE_DISTANCE;
  }

  /** How often each instruction occurs. */
  Map<Opcode, Integer> opcodes() {
    Map<Opcode, Integer> counts = new EnumMap<>(Opcode.class);
    for (int i = 0; i < count; i++) {
      Opcode.of(low(i)).ifPresent(opcode -> counts.merge(opcode, 1, Integer::sum));
    }
    return counts;
  }

  /** Loops with products, in the order of their ends: an inner one comes before those around it. */
  List<TensorLoop> tensorLoops() {
    int[] productsBefore = new int[count + 1];
    List<TensorLoop> loops = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean product = Opcode.of(low(i)).filter(opcode -> opcode == Opcode.HMMA).isPresent();
      productsBefore[i + 1] = productsBefore[i] + (product ? 1 : 0);
      long target = isBranch(i) ? i + 1 + distance(i) / QUARTERS : count;
      if (target >= 0 && target <= i && productsBefore[i + 1] > productsBefore[(int) target]) {
        int products = productsBefore[i + 1] - productsBefore[(int) target];
        loops.add(new TensorLoop(i + 1 - (int) target, products));
      }
    }
    return loops;
  }

  private boolean isBranch(int index) {
    int opcode = (int) (low(index) & OPCODE);
    return opcode == BRANCH || opcode == UNIFORM_BRANCH;
  }

  /** How far a branch goes from the instruction behind it, in quarters of an instruction. */
  private long distance(int index) {
    long high = bytes.getLong(offset + index * INSTRUCTION_BYTES + 8);
    long above = high << 46 >> 16 | low(index) >>> 34;
    return wide ? above << 8 | (low(index) >>> 16 & 0xff) : above;
  }

  private long low(int index) {
    return bytes.getLong(offset + index * INSTRUCTION_BYTES);
  }
}
