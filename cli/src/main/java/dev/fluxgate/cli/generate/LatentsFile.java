package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.failure.ErrorLine;
import dev.fluxgate.cli.failure.RequestRefusedException;
import dev.fluxgate.engine.checkpoint.CheckpointException;
import dev.fluxgate.engine.checkpoint.SafetensorsFile;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/** A safetensors file with the noise that a drawing starts from. */
final class LatentsFile {
  private static final String NAME = "latents";

  private static final Map<DType, dev.fluxgate.v1.DType> TYPES =
      Map.of(
          DType.F32,
          dev.fluxgate.v1.DType.D_TYPE_F32,
          DType.BF16,
          dev.fluxgate.v1.DType.D_TYPE_BF16,
          DType.F16,
          dev.fluxgate.v1.DType.D_TYPE_F16);

  private LatentsFile() {}

  /**
   * The tensor of {@code file} as it travels.
   *
   * @throws RequestRefusedException if there is no tensor "latents" of numbers in it
   */
  static PackedTensor read(Path file) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      HostTensor tensor = opened.tensors().get(NAME);
      if (tensor == null) {
        throw refused(file, "tensors " + opened.tensors().keySet());
      }
      dev.fluxgate.v1.DType type = TYPES.get(tensor.dtype());
      if (type == null) {
        throw refused(file, "elements of type " + tensor.dtype());
      }
      if (tensor.shape().dims().isEmpty() || tensor.shape().count() == 0) {
        throw refused(file, "shape " + tensor.shape());
      }
      return TensorChunks.pack(
          NAME,
          type,
          tensor.shape().dims().stream().mapToLong(Long::longValue).toArray(),
          tensor.data().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
    } catch (CheckpointException e) {
      throw new RequestRefusedException("--latents: " + ErrorLine.of(e), e);
    }
  }

  private static RequestRefusedException refused(Path file, String found) {
    return new RequestRefusedException(
        "--latents: " + file + ": " + found + " (expected: one \"" + NAME + "\" of floats)");
  }
}
