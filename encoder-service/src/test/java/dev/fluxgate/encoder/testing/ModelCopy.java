package dev.fluxgate.encoder.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.SafetensorsWriter;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.testing.GoldenCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A golden text encoder in another folder, where a test may change it. */
public final class ModelCopy {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ModelCopy() {}

  /** The folder of a golden model, such as {@code qwen3/model}. */
  public static Path original(String model) {
    return GoldenCase.root().resolve("testdata/golden").resolve(model);
  }

  /** As it is. */
  public static void write(String model, Path folder) throws IOException {
    write(model, folder, config -> {}, name -> name);
  }

  /** With another configuration. */
  public static void write(String model, Path folder, Consumer<ObjectNode> change)
      throws IOException {
    write(model, folder, change, name -> name);
  }

  /** With other names of its weights. */
  public static void renamed(String model, Path folder, UnaryOperator<String> rename)
      throws IOException {
    write(model, folder, config -> {}, rename);
  }

  private static void write(
      String model, Path folder, Consumer<ObjectNode> change, UnaryOperator<String> rename)
      throws IOException {
    Path source = original(model);
    ObjectNode config = (ObjectNode) JSON.readTree(source.resolve("config.json").toFile());
    change.accept(config);
    Files.writeString(folder.resolve("config.json"), config.toString());
    Map<String, HostTensor> tensors = new TreeMap<>();
    try (Checkpoint checkpoint = Checkpoint.open(source)) {
      for (String name : checkpoint.names()) {
        tensors.put(rename.apply(name), Objects.requireNonNull(checkpoint.find(name)));
      }
      SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
    }
  }
}
