package dev.fluxgate.system;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.GoldenCase;
import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.engine.checkpoint.SafetensorsFile;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.InputTensor;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the reference drew with one of its pipelines, and the request for the same picture.
 *
 * @param golden the case as it lies in its folder
 */
record PipelineCase(GoldenCase golden) {
  static final Path FOLDER = SplitSystem.ROOT.resolve("testdata/golden/pipelines");
  private static final String TENSORS = "io.safetensors";

  /** The case called {@code name}. */
  static PipelineCase of(String name) throws IOException {
    return new PipelineCase(GoldenCase.read(FOLDER.resolve(name)));
  }

  /** The pipeline stretches such a mask; a worker refuses it, for it is most likely a mistake. */
  static final String MASK_OF_ANOTHER_SIZE = "flux2_klein_inpaint_reference";

  /** All cases in float32 of a model's folder that a worker draws. */
  static List<PipelineCase> withModel(String model) throws IOException {
    List<PipelineCase> cases = new ArrayList<>();
    try (var folders = Files.newDirectoryStream(FOLDER)) {
      for (Path folder : folders) {
        if (Files.exists(folder.resolve("case.json"))) {
          PipelineCase read = new PipelineCase(GoldenCase.read(folder));
          if (read.golden.modelFolder().endsWith(model)
              && read.golden.computeType() == DType.F32
              && !read.golden.name().equals(MASK_OF_ANOTHER_SIZE)) {
            cases.add(read);
          }
        }
      }
    }
    return cases;
  }

  Path model() {
    return golden.modelFolder();
  }

  /**
   * A request for each prompt, its inputs handed in at {@code system}. The reference draws the
   * noise of all pictures of a call from one generator. The first prompt's is that of the seed;
   * from where the generator stands then no seed leads on, so the others bring theirs.
   */
  List<GenerationParameters> requests(SplitSystem system) throws IOException {
    GenerationParameters first = request(system);
    List<GenerationParameters> requests = new ArrayList<>(List.of(first));
    JsonNode prompts = call("prompt");
    for (int i = 1; i < prompts.size(); i++) {
      requests.add(
          first.toBuilder()
              .setPrompt(prompts.get(i).asText())
              .setLatents(system.upload(noise(i, first)))
              .build());
    }
    return requests;
  }

  /** Of the pictures of one of several prompts. */
  private PackedTensor noise(int prompt, GenerationParameters request) {
    try (SafetensorsFile file = SafetensorsFile.open(golden.folder().resolve(TENSORS))) {
      HostTensor tokens = file.tensors().get("in.initial_latents");
      int side =
          (int)
              Math.sqrt((double) request.getWidth() * request.getHeight() / tokens.shape().dim(1));
      LatentGrid grid = new LatentGrid(request.getHeight() / side, request.getWidth() / side);
      int pictures = request.getNumImages();
      return packed(
          "latents", LatentPacker.unpack(tokens.slice((long) prompt * pictures, pictures), grid));
    }
  }

  /** The request for the first prompt, its inputs handed in at {@code system}. */
  GenerationParameters request(SplitSystem system) throws IOException {
    GenerationParameters.Builder request =
        GenerationParameters.newBuilder()
            .setSeed(golden.parameters().path("generator_seed").longValue())
            .setRoundSize(true)
            .setPrompt(call("prompt").path(0).asText(call("prompt").asText("")))
            .setNumImages(call("num_images_per_prompt").asInt(1))
            .setNumInferenceSteps(call("num_inference_steps").intValue());
    if (golden.operation().equals("Flux2KleinKVPipeline")) {
      // All others follow from what the request brings.
      request.setPipeline(golden.operation());
    }
    addNumbers(request);
    addPictures(request, system);
    addTensors(request, system);
    return request.build();
  }

  private void addNumbers(GenerationParameters.Builder request) {
    if (call("width").isInt()) {
      request.setWidth(call("width").intValue()).setHeight(call("height").intValue());
    }
    if (call("guidance_scale").isNumber()) {
      request.setGuidanceScale(call("guidance_scale").floatValue());
    }
    if (call("true_cfg_scale").isNumber()) {
      request.setTrueCfgScale(call("true_cfg_scale").floatValue());
    }
    if (call("strength").isNumber()) {
      request.setStrength(call("strength").floatValue());
    }
    if (call("max_sequence_length").isInt()) {
      request.setMaxSequenceLength(call("max_sequence_length").intValue());
    }
    if (call("negative_prompt").isTextual()) {
      request.setNegativePrompt(call("negative_prompt").asText());
    }
    if (call("prompt_2").isTextual()) {
      request.setPrompt2(call("prompt_2").asText());
    }
    call("text_encoder_out_layers")
        .forEach(layer -> request.addTextEncoderOutLayers(layer.intValue()));
    call("sigmas").forEach(sigma -> request.addSigmas(sigma.floatValue()));
  }

  private void addPictures(GenerationParameters.Builder request, SplitSystem system)
      throws IOException {
    JsonNode image = call("image");
    for (JsonNode each : image.isTextual() ? List.of(image) : image) {
      request.addImages(system.upload(file(each)));
    }
    if (call("mask_image").isTextual()) {
      request.setMaskImage(system.upload(file(call("mask_image"))));
    }
    if (call("image_reference").isTextual()) {
      request.setImageReference(system.upload(file(call("image_reference"))));
    }
  }

  private void addTensors(GenerationParameters.Builder request, SplitSystem system) {
    if (golden.tensor("in.prompt_embeds") != null) {
      request.setPromptEmbeds(upload("in.prompt_embeds", system));
    }
    if (golden.tensor("in.negative_prompt_embeds") != null) {
      request.setNegativePromptEmbeds(upload("in.negative_prompt_embeds", system));
    }
    if (golden.tensor("in.latents") != null) {
      request.setLatents(upload("in.latents", system));
    }
  }

  private InputTensor upload(String name, SplitSystem system) {
    try (SafetensorsFile file = SafetensorsFile.open(golden.folder().resolve(TENSORS))) {
      return system.upload(packed(name, file.tensors().get(name)));
    }
  }

  /** A float32 tensor as it travels. */
  static PackedTensor packed(String name, HostTensor tensor) {
    return TensorChunks.pack(
        name,
        dev.fluxgate.v1.DType.D_TYPE_F32,
        tensor.shape().dims().stream().mapToLong(Long::longValue).toArray(),
        tensor.data().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
  }

  /** Values of a tensor, row-major. */
  float[] values(String name) {
    try (SafetensorsFile file = SafetensorsFile.open(golden.folder().resolve(TENSORS))) {
      return file.tensors().get(name).to(DType.F32).toFloats();
    }
  }

  /** The pictures of the reference. */
  List<RgbImage> pictures() {
    List<RgbImage> pictures = new ArrayList<>();
    try (SafetensorsFile file = SafetensorsFile.open(golden.folder().resolve(TENSORS))) {
      HostTensor levels = file.tensors().get("out.png");
      int height = Math.toIntExact(levels.shape().dim(1));
      int width = Math.toIntExact(levels.shape().dim(2));
      for (long i = 0; i < levels.shape().dim(0); i++) {
        byte[] rgb = new byte[height * width * RgbImage.CHANNELS];
        levels.slice(i, 1).data().asByteBuffer().get(rgb);
        pictures.add(new RgbImage(width, height, rgb));
      }
    }
    return pictures;
  }

  private Path file(JsonNode name) {
    return golden.folder().resolve(name.asText());
  }

  private JsonNode call(String argument) {
    return golden.parameters().path("call").path(argument);
  }
}
