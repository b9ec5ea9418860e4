package dev.fluxgate.gateway.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Guidance;
import dev.fluxgate.gateway.wish.Noise;
import dev.fluxgate.gateway.wish.Output;
import dev.fluxgate.gateway.wish.Sources;
import dev.fluxgate.gateway.wish.Upsampling;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageFormat;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.InputTensor;
import dev.fluxgate.v1.OutputType;
import dev.fluxgate.v1.PromptUpsampling;
import dev.fluxgate.v1.RandDevice;
import dev.fluxgate.v1.UpsamplingSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What parameters ask for beside prompt, size and steps ⇄ values. Inputs are hashes by now. */
final class WishCodec {
  private WishCodec() {}

  static Wish wish(GenerationParameters message) {
    return new Wish(
        message.getPipeline(),
        new Guidance(
            message.hasNegativePrompt() ? message.getNegativePrompt() : null,
            message.hasTrueCfgScale() ? message.getTrueCfgScale() : null,
            message.hasPrompt2() ? message.getPrompt2() : null,
            message.hasNegativePrompt2() ? message.getNegativePrompt2() : null),
        sources(message),
        embeds(message),
        new Noise(message.getSeedsList(), device(message.getRandDevice()), message.getSigmasList()),
        output(message),
        message.hasUpsampling() ? upsampling(message.getUpsampling()) : null);
  }

  private static Sources sources(GenerationParameters message) {
    List<InputRef> images = new ArrayList<>();
    for (InputImage image : message.getImagesList()) {
      images.add(ref("images[" + images.size() + "]", image.getSha256()));
    }
    return new Sources(
        images,
        message.hasMaskImage() ? ref("mask_image", message.getMaskImage().getSha256()) : null,
        message.getMaskByOpacity(),
        message.hasImageReference()
            ? ref("image_reference", message.getImageReference().getSha256())
            : null,
        message.hasPaddingMaskCrop() ? message.getPaddingMaskCrop() : null,
        message.hasStrength() ? message.getStrength() : null,
        message.hasLatents() ? ref("latents", message.getLatents().getSha256()) : null);
  }

  private static Embeds embeds(GenerationParameters message) {
    return new Embeds(
        message.hasPromptEmbeds()
            ? ref("prompt_embeds", message.getPromptEmbeds().getSha256())
            : null,
        message.hasPooledPromptEmbeds()
            ? ref("pooled_prompt_embeds", message.getPooledPromptEmbeds().getSha256())
            : null,
        message.hasNegativePromptEmbeds()
            ? ref("negative_prompt_embeds", message.getNegativePromptEmbeds().getSha256())
            : null,
        message.hasNegativePooledPromptEmbeds()
            ? ref(
                "negative_pooled_prompt_embeds",
                message.getNegativePooledPromptEmbeds().getSha256())
            : null);
  }

  private static InputRef ref(String field, ByteString sha256) {
    if (sha256.size() != ContentHash.BYTES) {
      throw invalid(field, "a hash of " + sha256.size() + " bytes", "" + ContentHash.BYTES);
    }
    return new InputRef(sha256);
  }

  private static Noise.Device device(RandDevice message) {
    return switch (message) {
      case RAND_DEVICE_UNSPECIFIED, RAND_DEVICE_CPU -> Noise.Device.CPU;
      case RAND_DEVICE_CUDA -> Noise.Device.CUDA;
      case UNRECOGNIZED -> throw invalid("rand_device", "another one", "CPU or CUDA");
    };
  }

  private static Output output(GenerationParameters message) {
    Output.Format format =
        switch (message.getFormat()) {
          case IMAGE_FORMAT_UNSPECIFIED, IMAGE_FORMAT_PNG -> Output.Format.PNG;
          case IMAGE_FORMAT_JPEG -> Output.Format.JPEG;
          case IMAGE_FORMAT_WEBP -> Output.Format.WEBP;
          case UNRECOGNIZED -> throw invalid("format", "another one", "PNG, JPEG or WEBP");
        };
    Output.Format type =
        switch (message.getOutputType()) {
          case OUTPUT_TYPE_UNSPECIFIED, OUTPUT_TYPE_PICTURES -> format;
          case OUTPUT_TYPE_LATENTS -> Output.Format.LATENTS;
          case UNRECOGNIZED -> throw invalid("output_type", "another one", "PICTURES or LATENTS");
        };
    return new Output(
        type,
        message.hasTileSize() ? message.getTileSize() : null,
        message.hasTileOverlap() ? message.getTileOverlap() : null);
  }

  private static Upsampling upsampling(PromptUpsampling message) {
    return new Upsampling(
        message.hasTemperature() ? message.getTemperature() : Upsampling.DEFAULT_TEMPERATURE,
        message.hasSeed() ? message.getSeed() : null,
        switch (message.getSource()) {
          case UPSAMPLING_SOURCE_UNSPECIFIED, UPSAMPLING_SOURCE_ENCODER ->
              Upsampling.Source.ENCODER;
          case UPSAMPLING_SOURCE_CHAT -> Upsampling.Source.CHAT;
          case UNRECOGNIZED -> throw invalid("upsampling.source", "another one", "ENCODER or CHAT");
        });
  }

  private static InvalidFieldException invalid(String field, String value, String expected) {
    return new InvalidFieldException(
        "parameters." + field, field + ": " + value + " (expected: " + expected + ")");
  }

  static void put(Wish wish, GenerationParameters.Builder message) {
    message.setPipeline(wish.pipeline());
    Guidance guidance = wish.guidance();
    set(guidance.negativePrompt(), message::setNegativePrompt);
    set(guidance.trueCfgScale(), message::setTrueCfgScale);
    set(guidance.prompt2(), message::setPrompt2);
    set(guidance.negativePrompt2(), message::setNegativePrompt2);
    Sources sources = wish.sources();
    sources.images().forEach(ref -> message.addImages(image(ref)));
    set(sources.mask(), ref -> message.setMaskImage(image(ref)));
    message.setMaskByOpacity(sources.maskByOpacity());
    set(sources.reference(), ref -> message.setImageReference(image(ref)));
    set(sources.paddingMaskCrop(), message::setPaddingMaskCrop);
    set(sources.strength(), message::setStrength);
    set(sources.latents(), ref -> message.setLatents(tensor(ref)));
    Embeds embeds = wish.embeds();
    set(embeds.prompt(), ref -> message.setPromptEmbeds(tensor(ref)));
    set(embeds.pooled(), ref -> message.setPooledPromptEmbeds(tensor(ref)));
    set(embeds.negative(), ref -> message.setNegativePromptEmbeds(tensor(ref)));
    set(embeds.negativePooled(), ref -> message.setNegativePooledPromptEmbeds(tensor(ref)));
    message.addAllSeeds(wish.noise().seeds()).addAllSigmas(wish.noise().sigmas());
    message.setRandDevice(
        switch (wish.noise().device()) {
          case CPU -> RandDevice.RAND_DEVICE_CPU;
          case CUDA -> RandDevice.RAND_DEVICE_CUDA;
        });
    put(wish.output(), message);
    set(wish.upsampling(), upsampling -> message.setUpsampling(message(upsampling)));
  }

  private static void put(Output output, GenerationParameters.Builder message) {
    switch (output.format()) {
      case PNG -> message.setFormat(ImageFormat.IMAGE_FORMAT_PNG);
      case JPEG -> message.setFormat(ImageFormat.IMAGE_FORMAT_JPEG);
      case WEBP -> message.setFormat(ImageFormat.IMAGE_FORMAT_WEBP);
      case LATENTS -> message.setOutputType(OutputType.OUTPUT_TYPE_LATENTS);
    }
    set(output.tileSize(), message::setTileSize);
    set(output.tileOverlap(), message::setTileOverlap);
  }

  private static PromptUpsampling message(Upsampling upsampling) {
    PromptUpsampling.Builder message =
        PromptUpsampling.newBuilder()
            .setTemperature(upsampling.temperature())
            .setSource(
                switch (upsampling.source()) {
                  case ENCODER -> UpsamplingSource.UPSAMPLING_SOURCE_ENCODER;
                  case CHAT -> UpsamplingSource.UPSAMPLING_SOURCE_CHAT;
                });
    set(upsampling.seed(), message::setSeed);
    return message.build();
  }

  private static InputImage image(InputRef ref) {
    return InputImage.newBuilder().setSha256(ref.sha256()).build();
  }

  private static InputTensor tensor(InputRef ref) {
    return InputTensor.newBuilder().setSha256(ref.sha256()).build();
  }

  private static <T> void set(@Nullable T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }
}
