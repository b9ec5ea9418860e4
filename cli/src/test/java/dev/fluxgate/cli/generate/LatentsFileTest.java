package dev.fluxgate.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.cli.failure.RequestRefusedException;
import dev.fluxgate.engine.checkpoint.SafetensorsWriter;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.proto.tensor.TensorLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatentsFileTest {
  private static final Shape SHAPE = Shape.of(1, 2, 3);
  private static final float[] VALUES = {0, 1, -2, 0.5f, 3, -0.25f};

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"F32, D_TYPE_F32", "BF16, D_TYPE_BF16", "F16, D_TYPE_F16"})
  void readsTheTensorInItsOwnType(DType dtype, dev.fluxgate.v1.DType sent) throws IOException {
    HostTensor latents = HostTensor.of(dtype, SHAPE, VALUES);
    HostTensor other = HostTensor.zeros(DType.I64, SHAPE);

    PackedTensor read =
        LatentsFile.read(written(Map.of("latents", latents, "packed_latents", other)));

    assertThat(read.header().getName()).isEqualTo("latents");
    assertThat(read.header().getDtype()).isEqualTo(sent);
    assertThat(read.header().getShapeList()).containsExactly(1L, 2L, 3L);
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(latents.data().byteSize()));
    TensorChunks.unpack(read, TensorLimits.INPUT, bytes);
    assertThat(bytes.flip()).isEqualTo(latents.data().asByteBuffer());
  }

  @Test
  void refusesAFileWithoutThem() throws IOException {
    Path file = written(Map.of("noise", HostTensor.zeros(DType.F32, SHAPE)));

    assertRefused(file, file + ": tensors [noise] (expected: one \"latents\" of floats)");
  }

  @ParameterizedTest
  @CsvSource({"I64", "U8", "F64"})
  void refusesWhatAreNoNumbersOfAModel(DType dtype) throws IOException {
    Path file = written(Map.of("latents", HostTensor.zeros(dtype, SHAPE)));

    assertRefused(
        file, file + ": elements of type " + dtype + " (expected: one \"latents\" of floats)");
  }

  @Test
  void refusesATensorWithoutRows() throws IOException {
    Path none = written(Map.of("latents", HostTensor.zeros(DType.F32, Shape.of(0, 3))));
    assertRefused(none, none + ": shape [0, 3] (expected: one \"latents\" of floats)");

    Path scalar = written(Map.of("latents", HostTensor.zeros(DType.F32, Shape.of())));
    assertRefused(scalar, scalar + ": shape [] (expected: one \"latents\" of floats)");
  }

  @Test
  void refusesAFileThatIsNoneOrDamaged() throws IOException {
    Path none = folder.resolve("none.safetensors");
    assertRefused(none, none + ": no such file");

    Path whole = written(Map.of("latents", HostTensor.of(DType.F32, SHAPE, VALUES)));
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = Files.write(folder.resolve("cut"), ToyFolder.truncated(bytes));
    assertRefused(cut, cut.toString());
  }

  private static void assertRefused(Path file, String complaint) {
    assertThatThrownBy(() -> LatentsFile.read(file))
        .isInstanceOf(RequestRefusedException.class)
        .hasMessageStartingWith("--latents: " + complaint)
        .hasMessageNotContaining("\n");
  }

  private Path written(Map<String, HostTensor> tensors) throws IOException {
    Path file = folder.resolve("a.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of());
    return file;
  }
}
