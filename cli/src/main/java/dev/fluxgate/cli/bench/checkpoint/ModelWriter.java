package dev.fluxgate.cli.bench.checkpoint;

import dev.fluxgate.engine.checkpoint.SafetensorsWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes a model folder in the layout of diffusers whose weights are random, in bfloat16: the same
 * bytes for the same size and seed. What it draws is noise.
 */
public final class ModelWriter {
  private static final String TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors";
  private static final String TEXT_ENCODER = "text_encoder/model.safetensors";
  private static final String VAE = "vae/diffusion_pytorch_model.safetensors";
  private static final List<String> TOKENIZER =
      List.of("tokenizer.json", "tokenizer_config.json", "chat_template.jinja");

  /** Room for headers, configurations and the tokenizer. */
  private static final long REST_BYTES = 4 << 20;

  private final KleinSize size;
  private final long seed;
  private final Map<String, List<PlannedTensor>> plans = new LinkedHashMap<>();

  /** A writer of one model. */
  public ModelWriter(KleinSize size, long seed) {
    this.size = size;
    this.seed = seed;
    plans.put(TRANSFORMER, TransformerPlan.of(size.transformer()));
    plans.put(TEXT_ENCODER, Qwen3Plan.of(size.textEncoder()));
    plans.put(VAE, VaePlan.of(size.vae()));
  }

  /** Bytes that the folder takes at most. */
  public long bytes() {
    return REST_BYTES + plans.values().stream().mapToLong(ModelWriter::bytes).sum();
  }

  /**
   * Writes the folder.
   *
   * @param folder absent or empty
   * @param progress hears of each file before it is written
   * @throws IOException if that fails, with what is there already left behind
   */
  public void write(Path folder, Consumer<String> progress) throws IOException {
    for (Map.Entry<String, List<PlannedTensor>> plan : plans.entrySet()) {
      Path file = folder.resolve(plan.getKey());
      progress.accept(
          "%s: %d tensors, %d MiB"
              .formatted(plan.getKey(), plan.getValue().size(), bytes(plan.getValue()) >> 20));
      Files.createDirectories(file.resolveSibling(""));
      SafetensorsWriter.write(
          file,
          plan.getValue().stream().map(tensor -> tensor.content(seed)).toList(),
          Map.of("format", "pt"));
    }
    for (Map.Entry<String, String> config : ModelConfigs.of(size).entrySet()) {
      Path file = folder.resolve(config.getKey());
      Files.createDirectories(file.resolveSibling(""));
      Files.writeString(file, config.getValue());
    }
    Path tokenizer = Files.createDirectories(folder.resolve("tokenizer"));
    for (String name : TOKENIZER) {
      try (InputStream resource = ModelWriter.class.getResourceAsStream(name)) {
        if (resource == null) {
          throw new FileNotFoundException(name + ": missing (expected: beside the classes)");
        }
        long _ = Files.copy(resource, tokenizer.resolve(name));
      }
    }
  }

  private static long bytes(List<PlannedTensor> plan) {
    return plan.stream().mapToLong(PlannedTensor::bytes).sum();
  }
}
