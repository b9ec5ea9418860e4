package dev.fluxgate.gateway.generate;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.TestPng;
import dev.fluxgate.gateway.embedding.EncoderDescription;
import dev.fluxgate.gateway.input.HeapInputBytes;
import dev.fluxgate.gateway.input.InputReceiver;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Guidance;
import dev.fluxgate.gateway.wish.Noise;
import dev.fluxgate.gateway.wish.Output;
import dev.fluxgate.gateway.wish.Sources;
import dev.fluxgate.gateway.wish.Upsampling;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.DType;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** Wishes with one thing in them, and what is told of them to whoever asks for two models. */
final class RequestCheck {
  /** Takes a pooled embedding, one picture and guidance by a negative prompt. */
  static final DrawingModel FLUX1 =
      model(
          "flux1-dev",
          false,
          new DrawingModel.Abilities(
              List.of("FluxPipeline", "FluxImg2ImgPipeline", "FluxInpaintPipeline"), 2, 4, 32, 0));

  /** Is guided by its guidance scale, and draws from references alone. */
  static final DrawingModel BASE =
      model(
          "flux2-klein-base",
          true,
          new DrawingModel.Abilities(List.of("Flux2KleinPipeline"), 2, 0, 0, 0));

  private static final EncoderDescription ENCODER =
      new EncoderDescription(
          "any",
          "any",
          new EncoderDescription.Identity("m", "t", "1", "F32", "none"),
          16,
          64,
          List.of(1),
          4,
          8,
          100,
          false);

  private final InputStore inputs =
      new InputStore(
          new HeapInputBytes(),
          new InputStore.Limits(1 << 20, 1 << 20, Duration.ofHours(1)),
          InstantSource.system());

  private static DrawingModel model(
      String family, boolean guidesItself, DrawingModel.Abilities abilities) {
    return new DrawingModel(
        "toy",
        family,
        "m",
        "any",
        8,
        16,
        1 << 20,
        guidesItself,
        new DrawingModel.Defaults(64, 64, 4, 3.5f),
        abilities);
  }

  /** A picture in store. */
  InputRef picture() {
    ByteString file = TestPng.of(32, 32, 100);
    return store(InputReceiver.picture(file.size(), null, inputs.maxInputBytes()).all(file));
  }

  /** A tensor of zeros in store. */
  InputRef tensor(DType dtype, int elementBytes, long... shape) {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    ByteBuffer zeros = ByteBuffer.allocate(Math.toIntExact(count * elementBytes));
    PackedTensor tensor = TensorChunks.pack("any", dtype, shape, zeros);
    return store(InputReceiver.tensor(tensor.header(), inputs.maxInputBytes()).all(tensor.data()));
  }

  private InputRef store(InputReceiver.Received received) {
    inputs.put(received.input(), received.bytes());
    return received.input().ref();
  }

  /** Bytes that nobody has stored. */
  static InputRef missing() {
    return new InputRef(ByteString.copyFrom(new byte[32]));
  }

  /** All that is told of a request; empty where it is accepted. */
  List<String> refusals(DrawingModel model, String prompt, Wish wish) {
    GenerationRequest request =
        new GenerationRequest(
            prompt, null, null, null, null, 1L, null, null, List.of(), false, false, null, 0, wish);
    try {
      GenerationLimits.resolve(request, model, ENCODER, inputs);
      return List.of();
    } catch (InvalidFieldException e) {
      return e.violations().stream().map(InvalidFieldException.Violation::description).toList();
    }
  }

  /** All that is told of a wish beside a prompt. */
  List<String> refusals(DrawingModel model, Wish wish) {
    return refusals(model, "a cat", wish);
  }

  static Wish with(String pipeline) {
    return new Wish(
        pipeline, Guidance.NONE, Sources.NONE, Embeds.NONE, Noise.STANDARD, Output.STANDARD, null);
  }

  static Wish with(Guidance guidance) {
    return with(guidance, Embeds.NONE);
  }

  static Wish with(Guidance guidance, Embeds embeds) {
    return new Wish("", guidance, Sources.NONE, embeds, Noise.STANDARD, Output.STANDARD, null);
  }

  static Wish with(Sources sources) {
    return new Wish("", Guidance.NONE, sources, Embeds.NONE, Noise.STANDARD, Output.STANDARD, null);
  }

  static Wish with(Embeds embeds) {
    return with(Guidance.NONE, embeds);
  }

  static Wish with(Noise noise) {
    return new Wish("", Guidance.NONE, Sources.NONE, Embeds.NONE, noise, Output.STANDARD, null);
  }

  static Wish with(Output output) {
    return new Wish("", Guidance.NONE, Sources.NONE, Embeds.NONE, Noise.STANDARD, output, null);
  }

  static Wish with(Embeds embeds, Upsampling upsampling) {
    return new Wish(
        "", Guidance.NONE, Sources.NONE, embeds, Noise.STANDARD, Output.STANDARD, upsampling);
  }
}
