package dev.fluxgate.engine.backend.cuda.cubin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Loops found in code with branches as NVIDIA's disassembler shows them. */
class KernelCodeTest {
  private static final int INSTRUCTIONS = 500;
  private static final long PRODUCT = 0x23c;

  private final ByteBuffer code =
      ByteBuffer.allocate(INSTRUCTIONS * 16).order(ByteOrder.LITTLE_ENDIAN);

  /** Found at 0x2170 of a kernel for sm_86, where it leads to 0x8a0. */
  @Test
  void readsABranchBackwards() {
    put(450, 0xffffe72000007947L, 0x000fea000383ffffL);
    put(60, PRODUCT, 0);
    put(52, PRODUCT, 0);

    assertThat(code(86).tensorLoops()).containsExactly(new TensorLoop(398, 1));
  }

  /** Found at 0x22f0 of a kernel for sm_120a, where it leads to 0x8c0. */
  @Test
  void readsABranchOfAllLanesWithAWideDistance() {
    put(450, 0xffffffe508707547L, 0x000fec000b83ffffL);
    put(31, PRODUCT, 0);
    put(30, PRODUCT, 0);
    put(449, PRODUCT, 0);

    assertThat(code(120).tensorLoops()).containsExactly(new TensorLoop(420, 2));
  }

  @Test
  void findsNoLoopInABranchForwardsOrWithoutProducts() {
    put(3, 0x00000000000c8947L, 0x000fea0003800000L);
    put(450, 0xffffe72000007947L, 0x000fea000383ffffL);

    assertThat(code(86).tensorLoops()).isEmpty();
  }

  @Test
  void refusesCodeThatIsNotThere() {
    assertThatThrownBy(() -> new KernelCode(code, 16, INSTRUCTIONS * 16, 86))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private KernelCode code(int capability) {
    return new KernelCode(code, 0, INSTRUCTIONS * 16, capability);
  }

  private void put(int index, long low, long high) {
    code.putLong(index * 16, low).putLong(index * 16 + 8, high);
  }
}
