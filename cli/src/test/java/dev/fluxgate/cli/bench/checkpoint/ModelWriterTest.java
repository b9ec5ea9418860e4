package dev.fluxgate.cli.bench.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.SafetensorsFile;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Made-up checkpoints have the tensors that the reference writes. */
final class ModelWriterTest {
  private static final Path KLEIN =
      Path.of(System.getProperty("fluxgate.root"), "testdata/golden/pipelines/model_flux2_klein");

  @Test
  void plansTheTensorsOfATransformer() {
    Flux2Params params =
        new Flux2Params(24, 24, 1, 2, 2, 16, 96, 256, 96, List.of(4, 4, 4, 4), 2000, 1e-6f, false);
    assertThat(shapes(TransformerPlan.of(params)))
        .isEqualTo(shapes("transformer/diffusion_pytorch_model.safetensors"));
  }

  @Test
  void plansTheTensorsOfATextEncoder() {
    Qwen3Plan.Size size = new Qwen3Plan.Size(32, 56, 4, 4, 2, 16, 533, true);
    Map<String, String> expected = shapes("text_encoder/model.safetensors");
    assertThat(shapes(Qwen3Plan.of(size))).isEqualTo(expected);
    Qwen3Plan.Size untied = new Qwen3Plan.Size(32, 56, 4, 4, 2, 16, 533, false);
    expected.put("lm_head.weight", "[533, 32]");
    assertThat(shapes(Qwen3Plan.of(untied))).isEqualTo(expected);
  }

  @Test
  void plansTheTensorsOfAVae() {
    VaePlan.Size size = new VaePlan.Size(6, List.of(16, 24, 24), 8);
    assertThat(shapes(VaePlan.of(size)))
        .isEqualTo(shapes("vae/diffusion_pytorch_model.safetensors"));
  }

  @Test
  void writesTheSameNumbersForTheSameSeed(@TempDir Path folder) throws IOException {
    List<String> progress = new ArrayList<>();
    ModelWriter writer = new ModelWriter(KleinSize.TINY, 1);
    writer.write(folder.resolve("a"), progress::add);
    writer.write(folder.resolve("b"), _ -> {});
    new ModelWriter(KleinSize.TINY, 2).write(folder.resolve("c"), _ -> {});
    Path file = Path.of("text_encoder/model.safetensors");
    byte[] first = Files.readAllBytes(folder.resolve("a").resolve(file));
    assertThat(Files.readAllBytes(folder.resolve("b").resolve(file))).isEqualTo(first);
    assertThat(Files.readAllBytes(folder.resolve("c").resolve(file))).isNotEqualTo(first);
    assertThat(progress).hasSize(3);
    assertThat(progress.getFirst()).startsWith("transformer/diffusion_pytorch_model.safetensors: ");
    assertThat(folder.resolve("a/tokenizer/tokenizer.json")).isNotEmptyFile();
    assertThat(folder.resolve("a/model_index.json")).content().contains("Flux2KleinPipeline");
  }

  @Test
  void takesNoMoreRoomThanItSays(@TempDir Path folder) throws IOException {
    ModelWriter writer = new ModelWriter(KleinSize.TINY, 1);
    writer.write(folder, _ -> {});
    try (var files = Files.walk(folder)) {
      long bytes =
          files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
      assertThat(bytes).isLessThanOrEqualTo(writer.bytes());
    }
    assertThat(new ModelWriter(KleinSize.KLEIN_4B, 1).bytes())
        .isBetween(15_900_000_000L, 16_200_000_000L);
  }

  @Test
  void scalesWeightsByTheirInputs(@TempDir Path folder) throws IOException {
    new ModelWriter(KleinSize.TINY, 1).write(folder, _ -> {});
    Path path = folder.resolve("transformer/diffusion_pytorch_model.safetensors");
    try (Checkpoint file = Checkpoint.open(path)) {
      HostTensor weight = file.tensor("context_embedder.weight", 64, 192);
      assertThat(weight.dtype()).isEqualTo(DType.BF16);
      double sum = 0;
      double squares = 0;
      for (float value : weight.toFloats()) {
        sum += value;
        squares += (double) value * value;
      }
      long count = weight.shape().count();
      assertThat(sum / count).isCloseTo(0, within(0.002));
      assertThat(squares / count).isCloseTo(1 / 192.0, within(0.0003));
      assertThat(file.tensor("transformer_blocks.0.attn.norm_q.weight", 32).toFloats())
          .containsOnly(1);
    }
  }

  private static Map<String, String> shapes(List<PlannedTensor> plan) {
    return plan.stream()
        .collect(
            Collectors.toMap(
                PlannedTensor::name,
                tensor -> tensor.shape().toString(),
                (a, b) -> a + b,
                TreeMap::new));
  }

  private static Map<String, String> shapes(String file) {
    try (SafetensorsFile golden = SafetensorsFile.open(KLEIN.resolve(file))) {
      return golden.tensors().entrySet().stream()
          .collect(
              Collectors.toMap(
                  Map.Entry::getKey,
                  entry -> entry.getValue().shape().toString(),
                  (a, b) -> a + b,
                  TreeMap::new));
    }
  }
}
