package dev.fluxgate.cli.golden.operation;

import dev.fluxgate.cli.golden.CasePlan;
import dev.fluxgate.cli.golden.GoldenCase;
import dev.fluxgate.cli.golden.GoldenOperation;
import dev.fluxgate.cli.golden.operation.noise.RandomOperation;
import dev.fluxgate.cli.golden.operation.noise.SchedulerOperation;
import dev.fluxgate.cli.golden.operation.picture.ImagesOperation;
import dev.fluxgate.cli.golden.operation.picture.PreparationOperation;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;

/** Which of our code answers to which family and operation; everything else is skipped. */
public final class GoldenOperations {
  private static final Map<String, Function<GoldenCase, CasePlan>> FAMILIES =
      Map.ofEntries(
          Map.entry("scheduler", GoldenOperations::scheduler),
          Map.entry("random", GoldenOperations::random),
          Map.entry("tokenizers", GoldenOperations::tokenizer),
          Map.entry("mistral", GoldenOperations::textEncoder),
          Map.entry("qwen3", GoldenOperations::textEncoder),
          Map.entry("t5", GoldenOperations::flux1Encoder),
          Map.entry("clip", GoldenOperations::flux1Encoder),
          Map.entry("generate", GoldenOperations::generation),
          Map.entry("pixtral", GoldenOperations::vision),
          Map.entry("flux1-transformer", GoldenOperations::flux1Transformer),
          Map.entry("flux2-transformer", GoldenOperations::transformer),
          Map.entry("flux1-vae", GoldenOperations::vae),
          Map.entry("flux2-vae", GoldenOperations::vae),
          Map.entry("pipelines", GoldenOperations::pipeline),
          Map.entry("images", GoldenOperations::images),
          Map.entry("formats-safetensors", GoldenOperations::container));

  private GoldenOperations() {}

  /** What to do with {@code golden}, by its family, operation and parameters; never by its name. */
  public static CasePlan plan(GoldenCase golden) {
    Function<GoldenCase, CasePlan> family = FAMILIES.get(golden.family());
    return family == null
        ? skip("family " + golden.family() + " is not built yet")
        : family.apply(golden);
  }

  private static CasePlan scheduler(GoldenCase golden) {
    return switch (golden.operation()) {
      case "set_timesteps" -> run(SchedulerOperation::schedules);
      case "get_timesteps" -> run(SchedulerOperation::truncations);
      case "step" -> run(SchedulerOperation::steps);
      case "scale_noise" -> run(SchedulerOperation::noisy);
      default -> unknown(golden);
    };
  }

  private static CasePlan random(GoldenCase golden) {
    return switch (golden.operation()) {
      case "draw_fresh", "draw_sequence" -> run(RandomOperation::draws);
      case "multinomial" -> run(RandomOperation::multinomial);
      case "randn_tensor" -> run(RandomOperation::latents);
      default -> unknown(golden);
    };
  }

  private static CasePlan tokenizer(GoldenCase golden) {
    return switch (golden.operation()) {
      case "encode_decode" -> run(TokenizerOperation::strings);
      case "chat_template" -> run(TokenizerOperation::chats);
      default -> unknown(golden);
    };
  }

  private static CasePlan textEncoder(GoldenCase golden) {
    return switch (golden.operation()) {
      case "hidden_states" -> run(TextEncoderOperation::hiddenStates);
      case "pad_rows" -> run(TextEncoderOperation::padRows);
      default -> unknown(golden);
    };
  }

  private static CasePlan flux1Transformer(GoldenCase golden) {
    return golden.operation().equals("forward")
        ? run(Flux1TransformerOperation::forward)
        : unknown(golden);
  }

  private static CasePlan generation(GoldenCase golden) {
    return switch (golden.operation()) {
      case "generate" -> run(GenerationOperation::generate);
      case "upsample_prompt" -> run(GenerationOperation::upsample);
      default -> unknown(golden);
    };
  }

  private static CasePlan vision(GoldenCase golden) {
    return switch (golden.operation()) {
      case "image_features" -> run(VisionOperation::imageFeatures);
      default -> unknown(golden);
    };
  }

  private static CasePlan flux1Encoder(GoldenCase golden) {
    if (!golden.operation().equals("encode")) {
      return unknown(golden);
    }
    return golden.family().equals("t5")
        ? run(Flux1EncoderOperation::t5)
        : run(Flux1EncoderOperation::clip);
  }

  private static CasePlan transformer(GoldenCase golden) {
    return switch (golden.operation()) {
      case "forward" -> run(TransformerOperation::forward);
      case "forward_kv_extract" -> run(ReferenceKeysOperation::extract);
      case "forward_kv_cached" -> run(ReferenceKeysOperation::cached);
      default -> unknown(golden);
    };
  }

  private static CasePlan vae(GoldenCase golden) {
    boolean tiled = golden.parameters().has("tiling");
    return switch (golden.operation()) {
      case "decode" -> run(tiled ? VaeOperation::decodeTiled : VaeOperation::decode);
      case "encode" -> run(tiled ? VaeOperation::encodeTiled : VaeOperation::encode);
      case "encode_sample" -> run(VaeOperation::encodeSample);
      case "latent_chain" -> run(VaeOperation::latentChain);
      default -> unknown(golden);
    };
  }

  private static CasePlan pipeline(GoldenCase golden) {
    boolean isKnown =
        Arrays.stream(PipelineKind.values())
            .anyMatch(kind -> kind.className().equals(golden.operation()));
    return isKnown ? run(PipelineOperation::generate) : unknown(golden);
  }

  private static CasePlan container(GoldenCase golden) {
    return switch (golden.operation()) {
      case "read" -> run(ContainerOperation::read);
      case "reject" -> run(ContainerOperation::reject);
      case "forward_single_file" -> run(TransformerOperation::forwardSingleFile);
      case "decode_single_file" -> run(VaeOperation::singleFile);
      default -> unknown(golden);
    };
  }

  private static CasePlan images(GoldenCase golden) {
    return switch (golden.operation()) {
      case "resize" -> run(ImagesOperation::resize);
      case "resize_to_target_area" -> run(ImagesOperation::capArea);
      case "check_image_input" -> run(ImagesOperation::check);
      case "sizes" -> run(ImagesOperation::visionSizes);
      case "preprocess" -> run(PreparationOperation::references);
      case "mask" -> run(PreparationOperation::masks);
      case "concatenate_images" -> run(PreparationOperation::join);
      case "postprocess" -> run(PreparationOperation::postprocess);
      default -> unknown(golden);
    };
  }

  private static CasePlan unknown(GoldenCase golden) {
    return skip("operation " + golden.operation() + " is not built yet");
  }

  private static CasePlan run(GoldenOperation operation) {
    return new CasePlan.Run(operation);
  }

  private static CasePlan skip(String reason) {
    return new CasePlan.Skip(reason);
  }
}
