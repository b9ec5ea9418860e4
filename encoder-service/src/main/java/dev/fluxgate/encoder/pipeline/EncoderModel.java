package dev.fluxgate.encoder.pipeline;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.model.Mistral3TextEncoder;
import dev.fluxgate.encoder.model.Qwen3TextEncoder;
import dev.fluxgate.encoder.model.TextEncoder;
import dev.fluxgate.encoder.model.TextEncoderParams;
import dev.fluxgate.encoder.prompt.ChatTemplate;
import dev.fluxgate.encoder.token.PaddingSide;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.token.TokenizerFormatException;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Tokenizer and text encoder of a model folder, loaded, with everything of them that changes an
 * embedding. Owns both; the back end is the caller's.
 */
public final class EncoderModel implements AutoCloseable {
  /** Most positions that FLUX.2 was made for. */
  private static final int USUAL_SEQUENCE_LENGTH = 512;

  private final Identity identity;
  private final TextEncoder encoder;
  private final PromptTokenizer tokenizer;
  private final EncodePipeline pipeline;

  /**
   * What enters the key of a cached embedding, beside the request.
   *
   * @param family as in model_index.json, "flux2-dev"
   * @param modelHash SHA-256 over configuration and weights of the text encoder
   * @param tokenizerHash SHA-256 over the tokenizer's files
   * @param templateVersion version of the prompt's frame
   */
  public record Identity(
      String family, String modelHash, String tokenizerHash, String templateVersion) {}

  private EncoderModel(
      Identity identity, TextEncoder encoder, PromptTokenizer tokenizer, Backend backend) {
    this.identity = identity;
    this.encoder = encoder;
    this.tokenizer = tokenizer;
    pipeline = new EncodePipeline(template(encoder), tokenizer, encoder.stack(), backend);
  }

  /**
   * Loads {@code tokenizer} and {@code text_encoder} of a model folder, with the layers that the
   * default output layers need.
   *
   * @param hash may remember digests between runs
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if the folder is not a FLUX.2 model
   * @throws TokenizerFormatException if its tokenizer is malformed
   */
  public static EncoderModel load(
      ModelFolder folder, Backend backend, DType computeType, ModelHash hash) {
    Path weights = folder.component("text_encoder");
    Path words = folder.component("tokenizer");
    Deque<Runnable> opened = new ArrayDeque<>();
    boolean complete = false;
    try {
      TextEncoder encoder = TextEncoder.load(weights, backend, computeType);
      opened.push(encoder::close);
      PromptTokenizer tokenizer = PromptTokenizer.open(words, side(encoder));
      opened.push(tokenizer::close);
      checkVocabulary(words, tokenizer.largestId(), encoder.stack().params().vocabularySize());
      Identity identity =
          new Identity(
              folder.family().id(),
              hash.of(List.of(weights)),
              hash.of(List.of(words)),
              template(encoder).version());
      EncoderModel model = new EncoderModel(identity, encoder, tokenizer, backend);
      encoder.stack().prepare(model.defaultOutputLayers().last());
      complete = true;
      return model;
    } finally {
      if (!complete) {
        opened.forEach(Runnable::run);
      }
    }
  }

  /** What enters a cache key. */
  public Identity identity() {
    return identity;
  }

  /** The stages, in order. */
  public EncodePipeline pipeline() {
    return pipeline;
  }

  /** Sizes of the encoder. */
  public TextEncoderParams params() {
    return encoder.stack().params();
  }

  /** Architecture, as it stands in messages. */
  public String textEncoder() {
    return switch (encoder) {
      case Mistral3TextEncoder _ -> ModelFamily.FLUX2_DEV.textEncoder();
      case Qwen3TextEncoder _ -> ModelFamily.FLUX2_KLEIN.textEncoder();
    };
  }

  /** Type of the embeds. */
  public DType computeType() {
    return encoder.stack().computeType();
  }

  /** Positions where a request names none: what FLUX.2 uses, or less if the tokenizer says so. */
  public int defaultMaxSequenceLength() {
    return Math.min(
        USUAL_SEQUENCE_LENGTH, Math.min(tokenizer.modelMaxLength(), params().maxPositions()));
  }

  /** Hidden states where a request names none. */
  public OutputLayers defaultOutputLayers() {
    return OutputLayers.defaults(params().layers());
  }

  /** Frees tokenizer and encoder. */
  @Override
  public void close() {
    tokenizer.close();
    encoder.close();
  }

  private static void checkVocabulary(Path folder, int largestId, int rows) {
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

  private static ChatTemplate template(TextEncoder encoder) {
    return switch (encoder) {
      case Mistral3TextEncoder _ -> ChatTemplate.MISTRAL3;
      case Qwen3TextEncoder _ -> ChatTemplate.QWEN3;
    };
  }

  private static PaddingSide side(TextEncoder encoder) {
    return switch (encoder) {
      case Mistral3TextEncoder _ -> PaddingSide.LEFT;
      case Qwen3TextEncoder _ -> PaddingSide.RIGHT;
    };
  }
}
