package dev.fluxgate.encoder.pipeline;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.token.TokenizerFormatException;
import dev.fluxgate.encoder.upsample.PromptUpsampling;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The components of a model folder that make embeds of prompts, loaded. Owns them; the back end is
 * the caller's.
 */
sealed interface EncoderParts extends AutoCloseable permits Flux1EncoderParts, Flux2EncoderParts {

  /** Loads what the family of the folder needs. Layers are prepared when first used. */
  static EncoderParts load(ModelFolder folder, Backend backend, DType computeType) {
    return switch (folder.family()) {
      case FLUX1_DEV -> Flux1EncoderParts.load(folder, backend, computeType, 512);
      case FLUX1_SCHNELL -> Flux1EncoderParts.load(folder, backend, computeType, 256);
      case FLUX2_DEV, FLUX2_KLEIN, FLUX2_KLEIN_BASE, FLUX2_KLEIN_KV ->
          Flux2EncoderParts.load(folder, backend, computeType);
    };
  }

  /** The stages, in order. */
  EncodePipeline pipeline();

  /** Rewrites prompts; null where there is no language model to ask. */
  default @Nullable PromptUpsampling upsampling() {
    return null;
  }

  /** Widths and limits. */
  EncoderModel.Sizes sizes();

  /** Architecture, as it stands in messages. */
  String textEncoder();

  /** Type of the embeds. */
  DType computeType();

  /** Version of the way prompts are framed. */
  String templateVersion();

  /** Hidden states where a request names none. */
  OutputLayers defaultOutputLayers();

  /**
   * The hidden states that a request names.
   *
   * @throws IllegalArgumentException for such as this encoder does not give
   */
  OutputLayers outputLayers(List<Integer> asked);

  /** Folders of configuration and weights. */
  List<Path> weightFolders();

  /** Folders of tokenizers. */
  List<Path> tokenizerFolders();

  /**
   * Prepares the layers that the default output layers need.
   *
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if a weight is missing
   */
  void prepare();

  /** Frees tokenizers and encoders. */
  @Override
  void close();

  /** Refuses a tokenizer that knows tokens for which the encoder has no embedding. */
  static void checkVocabulary(Path folder, int largestId, int rows) {
    if (largestId >= rows) {
      throw new TokenizerFormatException(
          folder
              + ": token id "
              + largestId
              + " (expected: below the "
              + rows
              + " rows of the text encoder's embedding)");
    }
  }
}
