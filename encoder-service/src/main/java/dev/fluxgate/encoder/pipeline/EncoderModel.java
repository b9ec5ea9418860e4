package dev.fluxgate.encoder.pipeline;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.upsample.PromptUpsampling;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tokenizers and text encoders of a model folder, loaded, with everything of them that changes an
 * embedding. Owns them; the back end is the caller's.
 */
public final class EncoderModel implements AutoCloseable {
  private final Identity identity;
  private final EncoderParts parts;

  /**
   * What enters the key of a cached embedding, beside the request.
   *
   * @param family as in model_index.json, "flux2-dev"
   * @param modelHash SHA-256 over configuration and weights of the text encoders
   * @param tokenizerHash SHA-256 over the tokenizers' files
   * @param templateVersion version of the prompt's frame
   */
  public record Identity(
      String family, String modelHash, String tokenizerHash, String templateVersion) {}

  /**
   * Widths and limits.
   *
   * @param depth layers of the encoder that gives the sequence
   * @param hiddenSize width of one of its hidden states
   * @param pooledSize width of the pooled tensor; 0 where the family has none
   * @param defaultMaxSequenceLength positions where a request names none
   * @param maxSequenceLengthLimit most positions that the model can take
   */
  public record Sizes(
      int depth,
      int hiddenSize,
      int pooledSize,
      int defaultMaxSequenceLength,
      int maxSequenceLengthLimit) {

    /** Whether there are two encoders, each with a prompt of its own, and two tensors. */
    public boolean hasPooled() {
      return pooledSize > 0;
    }
  }

  private EncoderModel(Identity identity, EncoderParts parts) {
    this.identity = identity;
    this.parts = parts;
  }

  /**
   * Loads the tokenizers and text encoders of a model folder, with the layers that the default
   * output layers need.
   *
   * @param hash may remember digests between runs
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if the folder is no FLUX model
   * @throws dev.fluxgate.encoder.token.TokenizerFormatException if a tokenizer is malformed
   */
  public static EncoderModel load(
      ModelFolder folder, Backend backend, DType computeType, ModelHash hash) {
    EncoderParts parts = EncoderParts.load(folder, backend, computeType);
    boolean complete = false;
    try {
      Identity identity =
          new Identity(
              folder.family().id(),
              hash.of(parts.weightFolders()),
              hash.of(parts.tokenizerFolders()),
              parts.templateVersion());
      parts.prepare();
      complete = true;
      return new EncoderModel(identity, parts);
    } finally {
      if (!complete) {
        parts.close();
      }
    }
  }

  /** What enters a cache key. */
  public Identity identity() {
    return identity;
  }

  /** The stages, in order. */
  public EncodePipeline pipeline() {
    return parts.pipeline();
  }

  /** Rewrites prompts; null where there is no language model to ask. */
  public @Nullable PromptUpsampling upsampling() {
    return parts.upsampling();
  }

  /** Widths and limits. */
  public Sizes sizes() {
    return parts.sizes();
  }

  /** Architecture, as it stands in messages. */
  public String textEncoder() {
    return parts.textEncoder();
  }

  /** Type of the embeds. */
  public DType computeType() {
    return parts.computeType();
  }

  /** Positions where a request names none. */
  public int defaultMaxSequenceLength() {
    return sizes().defaultMaxSequenceLength();
  }

  /** Hidden states where a request names none. */
  public OutputLayers defaultOutputLayers() {
    return parts.defaultOutputLayers();
  }

  /**
   * The hidden states that a request names.
   *
   * @throws IllegalArgumentException for such as this encoder does not give
   */
  public OutputLayers outputLayers(List<Integer> asked) {
    return asked.isEmpty() ? defaultOutputLayers() : parts.outputLayers(asked);
  }

  /** Frees tokenizers and encoders. */
  @Override
  public void close() {
    parts.close();
  }
}
