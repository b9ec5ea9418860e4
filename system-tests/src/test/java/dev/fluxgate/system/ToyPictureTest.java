package dev.fluxgate.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * The toy's prompts through encoder, gateway and worker, pixel by pixel beside the pictures of the
 * reference pipeline.
 */
class ToyPictureTest {
  private static final Path GOLDEN = SplitSystem.ROOT.resolve("toy/golden");

  /** Levels that any channel may differ by at float32, and how many pixels may differ by more. */
  private static final int FLOAT32_LEVELS = 1;

  private static final int FLOAT32_WORST = 2;
  private static final double FLOAT32_WORST_SHARE = 0.001;

  /** How far below the reference's own distance to float32 a bfloat16 picture may lie, in dB. */
  private static final double BFLOAT16_SLACK = 6;

  @Test
  void float32PicturesAreThoseOfTheReference() throws IOException, InterruptedException {
    SoftAssertions softly = new SoftAssertions();
    try (SplitSystem system = SplitSystem.start(SplitSystem.TOY, DType.F32)) {
      for (JsonNode golden : prompts()) {
        RgbImage ours = draw(system, golden).image();
        Difference difference = Difference.of(ours, reference(golden, "float32"));
        softly
            .assertThat(difference.worst())
            .as("worst of %s", golden)
            .isLessThanOrEqualTo(FLOAT32_WORST);
        softly
            .assertThat(difference.shareAbove())
            .as("pixels off by two in %s", golden)
            .isLessThanOrEqualTo(FLOAT32_WORST_SHARE);
      }
    }
    softly.assertAll();
  }

  @Test
  void bfloat16PicturesLieAsCloseToFloat32AsTheReferences()
      throws IOException, InterruptedException {
    SoftAssertions softly = new SoftAssertions();
    try (SplitSystem system = SplitSystem.start(SplitSystem.TOY, DType.BF16)) {
      for (JsonNode golden : prompts()) {
        RgbImage ours = draw(system, golden).image();
        double psnr = Difference.of(ours, reference(golden, "float32")).psnr();
        softly
            .assertThat(psnr)
            .as("PSNR of %s", golden)
            .isGreaterThanOrEqualTo(golden.get("bfloat16_psnr").doubleValue() - BFLOAT16_SLACK);
      }
    }
    softly.assertAll();
  }

  private static PngFile draw(SplitSystem system, JsonNode golden) {
    Job job =
        system.run(
            GenerationParameters.newBuilder()
                .setPrompt(golden.get("prompt").textValue())
                .setSeed(golden.get("seed").longValue())
                .setWidth(golden.get("width").intValue())
                .setHeight(golden.get("height").intValue())
                .setNumInferenceSteps(golden.get("steps").intValue())
                .setGuidanceScale(golden.get("guidance").floatValue())
                .setMaxSequenceLength(golden.get("max_sequence_length").intValue())
                .build());
    PngFile picture = system.picture(job, 0);
    assertThat(picture.text()).containsEntry("prompt", golden.get("prompt").textValue());
    return picture;
  }

  /** Text to image; edits of a reference picture are another pipeline. */
  private static List<JsonNode> prompts() throws IOException {
    JsonNode cases = new ObjectMapper().readTree(GOLDEN.resolve("cases.json").toFile());
    List<JsonNode> prompts = new ArrayList<>();
    for (JsonNode golden : cases.get("cases")) {
      if (golden.get("reference").isNull()) {
        prompts.add(golden);
      }
    }
    assertThat(prompts).hasSize(12);
    return prompts;
  }

  private static RgbImage reference(JsonNode golden, String dtype) throws IOException {
    return PngFile.read(GOLDEN.resolve(golden.get("id").textValue() + "." + dtype + ".png"))
        .image();
  }

  /**
   * How two pictures of one size differ.
   *
   * @param worst largest difference of a channel, in levels
   * @param shareAbove share of the pixels with a channel off by more than the tolerated levels
   * @param psnr in decibels
   */
  private record Difference(int worst, double shareAbove, double psnr) {

    static Difference of(RgbImage a, RgbImage b) {
      assertThat(a.width()).isEqualTo(b.width());
      assertThat(a.height()).isEqualTo(b.height());
      int worst = 0;
      int above = 0;
      double squares = 0;
      int pixels = a.width() * a.height();
      for (int pixel = 0; pixel < pixels; pixel++) {
        int most = 0;
        for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
          int x = pixel % a.width();
          int y = pixel / a.width();
          int d = Math.abs(a.level(x, y, channel) - b.level(x, y, channel));
          squares += (double) d * d;
          most = Math.max(most, d);
        }
        above += most > FLOAT32_LEVELS ? 1 : 0;
        worst = Math.max(worst, most);
      }
      double meanSquare = squares / ((double) pixels * RgbImage.CHANNELS);
      return new Difference(
          worst, (double) above / pixels, 10 * Math.log10(255 * 255 / meanSquare));
    }
  }
}
