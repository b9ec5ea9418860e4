package dev.fluxgate.cli.bench;

import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that has every tensor, in whatever shape is asked for, without a byte of its own:
 * all lie in one sparse file of zeros. For weight stores that only look at shapes.
 */
final class UnreadSource implements TensorSource, AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment zeros;

  /** Tensors of up to {@code bytes}. */
  UnreadSource(long bytes) throws IOException {
    Path file = Files.createTempFile("fluxgate", ".zeros");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE)) {
      zeros = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
    }
  }

  @Override
  public HostTensor tensor(String name, long... expectedShape) {
    Shape shape = Shape.of(expectedShape);
    return new HostTensor(DType.BF16, shape, zeros.asSlice(0, DType.BF16.bytes(shape.count())));
  }

  @Override
  public @Nullable HostTensor find(String name) {
    return null;
  }

  @Override
  public Set<String> names() {
    return Set.of();
  }

  @Override
  public String origin() {
    return "made up";
  }

  @Override
  public void close() {
    arena.close();
  }
}
