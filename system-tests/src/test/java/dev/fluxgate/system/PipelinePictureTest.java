package dev.fluxgate.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.checkpoint.SafetensorsFile;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.OutputType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every pipeline of both families through encoder, gateway and worker, from prompts, pictures,
 * masks and tensors to files, beside what the reference made of the same.
 */
class PipelinePictureTest {
  /** Levels that any channel may differ by, and the share of those that differ at all. */
  private static final int LEVELS = 1;

  private static final double SHARE = 0.01;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "model_flux2_dev,        6",
    "model_flux2_klein,      6",
    "model_flux2_klein_base, 3",
    "model_flux1_dev,        5",
    "model_flux1_schnell,    1"
  })
  void picturesAreThoseOfTheReference(String model, int count)
      throws IOException, InterruptedException {
    List<PipelineCase> cases = PipelineCase.withModel(model);
    assertThat(cases).hasSize(count);
    SoftAssertions softly = new SoftAssertions();
    try (SplitSystem system = SplitSystem.start(cases.getFirst().model(), DType.F32, "auto")) {
      for (PipelineCase each : cases) {
        Job job = system.run(each.request(system));
        compare(softly, each, job, system);
      }
    }
    softly.assertAll();
  }

  @Test
  void refusesAMaskOfAnotherSizeThanItsPicture() throws IOException, InterruptedException {
    PipelineCase golden = PipelineCase.of(PipelineCase.MASK_OF_ANOTHER_SIZE);
    try (SplitSystem system = SplitSystem.start(golden.model(), DType.F32, "auto")) {
      GenerationParameters request = golden.request(system);
      assertThatThrownBy(() -> system.run(request))
          .hasMessageContaining("mask_image: 64 x 64 (expected: 70 x 85, the size of image)");
    }
  }

  @Test
  void aFolderOfTheKvPipelineRunsItUnasked() throws IOException, InterruptedException {
    PipelineCase golden = PipelineCase.of("flux2_klein_kv");
    Path model = ModelCopy.of(golden.model(), folder.resolve("kv"));
    ModelCopy.replace(
        model.resolve("model_index.json"), "Flux2KleinPipeline", "Flux2KleinKVPipeline");
    SoftAssertions softly = new SoftAssertions();
    try (SplitSystem system = SplitSystem.start(model, DType.F32, "auto")) {
      GenerationParameters request = golden.request(system).toBuilder().clearPipeline().build();
      compare(softly, golden, system.run(request), system);
    }
    softly.assertAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"flux2_dev_t2i", "flux1_dev_t2i"})
  void latentsAreThoseOfTheReference(String name) throws IOException, InterruptedException {
    PipelineCase golden = PipelineCase.of(name);
    Path file = folder.resolve("latents.safetensors");
    try (SplitSystem system = SplitSystem.start(golden.model(), DType.F32, "auto")) {
      GenerationParameters request =
          golden.request(system).toBuilder().setOutputType(OutputType.OUTPUT_TYPE_LATENTS).build();
      Files.write(file, system.file(system.run(request), 0));
    }

    float[] expected = golden.values("out.latents");
    double bound = golden.golden().declared("out.latents").tolerance().maxAbs();
    try (SafetensorsFile latents = SafetensorsFile.open(file)) {
      float[] ours = latents.tensors().get("packed_latents").toFloats();
      assertThat(ours).hasSameSizeAs(expected);
      for (int i = 0; i < ours.length; i++) {
        assertThat(Math.abs((double) ours[i] - expected[i])).isLessThanOrEqualTo(bound);
      }
      assertThat(latents.tensors()).containsKey("latents");
    }
  }

  private static void compare(
      SoftAssertions softly, PipelineCase golden, Job job, SplitSystem system) {
    String name = golden.golden().name();
    List<RgbImage> expected = golden.pictures();
    softly.assertThat(job.getError().getMessage()).as(name).isEmpty();
    softly.assertThat(job.getImagesCount()).as(name).isEqualTo(expected.size());
    for (int i = 0; i < job.getImagesCount(); i++) {
      RgbImage ours = system.picture(job, i).image();
      softly.assertThat(ours.width()).as(name).isEqualTo(expected.get(i).width());
      softly.assertThat(ours.height()).as(name).isEqualTo(expected.get(i).height());
      int[] off = differences(ours.rgb(), expected.get(i).rgb());
      softly.assertThat(Arrays.stream(off).max().orElse(0)).as(name).isLessThanOrEqualTo(LEVELS);
      softly
          .assertThat((double) count(off) / off.length)
          .as("share of other levels in %s", name)
          .isLessThanOrEqualTo(SHARE);
    }
  }

  private static long count(int[] off) {
    return Arrays.stream(off).filter(levels -> levels > 0).count();
  }

  private static int[] differences(byte[] ours, byte[] expected) {
    int[] off = new int[Math.min(ours.length, expected.length)];
    for (int i = 0; i < off.length; i++) {
      off[i] = Math.abs((ours[i] & 0xff) - (expected[i] & 0xff));
    }
    return off;
  }
}
