package dev.fluxgate.denoiser.latent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import org.junit.jupiter.api.Test;

class LatentPackerTest {

  @Test
  void putsThePixelsOfACellIntoNeighbouringChannels() {
    HostTensor latent = counting(DType.F32, 1, 2, 2, 4);

    HostTensor patches = LatentPacker.patchify(latent);

    assertThat(patches.shape()).isEqualTo(Shape.of(1, 8, 1, 2));
    assertThat(patches.toFloats())
        .containsExactly(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
  }

  @Test
  void packsOneRowAToken() {
    HostTensor packed = LatentPacker.pack(counting(DType.F32, 1, 3, 2, 2));

    assertThat(packed.shape()).isEqualTo(Shape.of(1, 4, 3));
    assertThat(packed.toFloats()).containsExactly(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
  }

  @Test
  void undoesEveryOrder() {
    for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
      HostTensor x = counting(dtype, 2, 3, 4, 6);

      HostTensor patches = LatentPacker.patchify(x);
      assertSame(x, LatentPacker.unpatchify(patches));
      assertSame(patches, LatentPacker.unpack(LatentPacker.pack(patches), new LatentGrid(2, 3)));
      assertSame(x, LatentPacker.channelsFirst(LatentPacker.channelsLast(x)));
    }
  }

  @Test
  void movesChannelsLast() {
    assertThat(LatentPacker.channelsLast(counting(DType.F32, 1, 2, 1, 3)).toFloats())
        .containsExactly(0, 3, 1, 4, 2, 5);
  }

  private static void assertSame(HostTensor expected, HostTensor actual) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.data().mismatch(expected.data())).isEqualTo(-1);
  }

  private static HostTensor counting(DType dtype, long... dims) {
    Shape shape = Shape.of(dims);
    HostTensor tensor = HostTensor.zeros(dtype, shape);
    for (long i = 0; i < shape.count(); i++) {
      tensor.set(i, (float) i);
    }
    return tensor;
  }
}
