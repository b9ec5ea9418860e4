package dev.fluxgate.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.fluxgate.cli.golden.GoldenTensor;
import dev.fluxgate.engine.checkpoint.SafetensorsFile;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.OutputType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every pipeline of both families through encoder, gateway and worker, three processes, from
 * prompts, pictures, masks and tensors to files, beside what the reference made of the same. How
 * far they are apart is left as a table in {@code target}.
 *
 * <p>A call of several prompts is as many jobs here, each with a generator of its own: for one
 * picture a prompt, what the reference makes of a list of generators. The cases of several prompts
 * were made with one generator for all; {@link PipelineCase#requests} tells how they are asked for.
 */
@ParameterizedClass
@CsvSource({
  "model_flux2_dev,        7",
  "model_flux2_klein,      6",
  "model_flux2_klein_base, 4",
  "model_flux1_dev,        5",
  "model_flux1_schnell,    1"
})
record PipelinePictureTest(String model, int count) {
  private static final Path TABLE =
      SplitSystem.ROOT.resolve("system-tests/target/pipeline-pictures.md");
  private static final Set<String> ROWS = new TreeSet<>();

  private static SplitSystem system;

  @BeforeParameterizedClassInvocation
  static void start(String model) throws IOException, InterruptedException {
    system = SplitSystem.start(PipelineCase.FOLDER.resolve(model), DType.F32);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    system.close();
  }

  @AfterAll
  static void writeTable() throws IOException {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "| case | pipeline | pictures | worst of 255 | channels that differ |",
                "|---|---|---|---|---|"));
    lines.addAll(ROWS);
    Files.createDirectories(TABLE.getParent());
    Files.write(TABLE, lines);
  }

  @TestFactory
  Stream<DynamicTest> picturesAreThoseOfTheReference() throws IOException {
    List<PipelineCase> cases = PipelineCase.withModel(model);
    assertThat(cases).hasSize(count);
    return cases.stream().map(each -> dynamicTest(each.golden().name(), () -> assertDrawn(each)));
  }

  @Test
  void threeProcessesDrawThem() {
    assertThat(system.processes())
        .hasSize(3)
        .doesNotHaveDuplicates()
        .doesNotContain(ProcessHandle.current())
        .allMatch(ProcessHandle::isAlive);
  }

  @TestFactory
  Stream<DynamicTest> latentsAreThoseOfTheReference(@TempDir Path folder) throws IOException {
    return PipelineCase.withModel(model).stream()
        .filter(each -> each.golden().name().endsWith("t2i"))
        .map(each ->
            dynamicTest(
                each.golden().name(), () -> assertLatents(each, folder.resolve("a.safetensors"))));
  }

  @TestFactory
  Stream<DynamicTest> aMaskOfAnotherSizeThanItsPictureIsRefused() throws IOException {
    return Stream.of(PipelineCase.of(PipelineCase.MASK_OF_ANOTHER_SIZE))
        .filter(each -> each.model().endsWith(model))
        .map(each -> dynamicTest(each.golden().name(), () -> assertMaskRefused(each)));
  }

  private static void assertDrawn(PipelineCase golden) throws IOException {
    List<RgbImage> ours = new ArrayList<>();
    for (GenerationParameters request : golden.requests(system)) {
      ours.addAll(system.pictures(system.run(request)));
    }
    PictureDifference difference = PictureDifference.between(ours, golden.pictures());
    boolean _ = ROWS.add(difference.row(golden.golden()));
    difference.assertSmall();
  }

  private static void assertLatents(PipelineCase golden, Path file) throws IOException {
    GenerationParameters request =
        golden.request(system).toBuilder().setOutputType(OutputType.OUTPUT_TYPE_LATENTS).build();
    Files.write(file, system.file(system.run(request), 0));
    GoldenTensor declared = golden.golden().declared("out.latents");
    float[] expected = golden.values("out.latents");
    try (SafetensorsFile latents = SafetensorsFile.open(file)) {
      assertThat(latents.tensors()).containsOnlyKeys("latents", "packed_latents");
      // Which of the two the reference gives differs by pipeline.
      float[] ours =
          latents.tensors().values().stream()
              .filter(tensor -> tensor.shape().equals(declared.shape()))
              .findFirst()
              .orElseThrow()
              .toFloats();
      for (int i = 0; i < expected.length; i++) {
        assertThat(Math.abs((double) ours[i] - expected[i]))
            .isLessThanOrEqualTo(declared.tolerance().maxAbs());
      }
    }
  }

  private static void assertMaskRefused(PipelineCase golden) throws IOException {
    GenerationParameters request = golden.request(system);
    assertThatThrownBy(() -> system.run(request))
        .hasMessageContaining("mask_image: 64 x 64 (expected: 70 x 85, the size of image)");
  }
}
