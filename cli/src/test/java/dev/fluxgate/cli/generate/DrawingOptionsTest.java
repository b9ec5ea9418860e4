package dev.fluxgate.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.v1.GenerationParameters;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class DrawingOptionsTest {

  @Test
  void leavesToTheModelWhatIsNotGiven() {
    assertThat(parse().parameters("a cat", null))
        .isEqualTo(GenerationParameters.newBuilder().setPrompt("a cat").setNumImages(1).build());
  }

  @Test
  void handsOnWhatIsGiven() {
    DrawingOptions options =
        parse(
            "--width=64",
            "--height=32",
            "--round-size",
            "--steps=3",
            "--guidance=0",
            "--seed=0",
            "--num-images=2",
            "--max-sequence-length=16",
            "--text-encoder-out-layers=1,2,3",
            "--no-metadata");

    assertThat(options.parameters("a cat", null))
        .isEqualTo(
            GenerationParameters.newBuilder()
                .setPrompt("a cat")
                .setWidth(64)
                .setHeight(32)
                .setRoundSize(true)
                .setNumInferenceSteps(3)
                .setGuidanceScale(0)
                .setSeed(0)
                .setNumImages(2)
                .setMaxSequenceLength(16)
                .addTextEncoderOutLayers(1)
                .addTextEncoderOutLayers(2)
                .addTextEncoderOutLayers(3)
                .setOmitMetadata(true)
                .build());
    assertThat(options.numImages()).isEqualTo(2);
  }

  @Test
  void namesOptionsInPlaceOfFields() {
    assertThat(
            DrawingOptions.namingOptions(
                "num_inference_steps: 0 (expected: 1..9; nearest: 1); guidance_scale: -1 (expected:"
                    + " 0); max_sequence_length: 0 (expected: 1); prompt: 9 bytes (expected: 8)"))
        .isEqualTo(
            "--steps: 0 (expected: 1..9; nearest: 1); --guidance: -1 (expected: 0);"
                + " --max-sequence-length: 0 (expected: 1); PROMPT: 9 bytes (expected: 8)");
  }

  @Test
  void leavesOtherMessagesAlone() {
    assertThat(DrawingOptions.namingOptions("the queue is full: 3 jobs; try later"))
        .isEqualTo("the queue is full: 3 jobs; try later");
  }

  private static DrawingOptions parse(String... arguments) {
    Holder holder = new Holder();
    new CommandLine(holder).parseArgs(arguments);
    return holder.options;
  }

  @Command
  private static final class Holder {
    @Mixin private DrawingOptions options = new DrawingOptions();
  }
}
