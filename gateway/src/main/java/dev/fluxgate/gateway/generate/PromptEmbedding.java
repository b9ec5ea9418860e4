package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.embedding.EmbeddingCache;
import dev.fluxgate.gateway.embedding.EmbeddingKey;
import dev.fluxgate.gateway.embedding.EncodedPrompt;
import dev.fluxgate.gateway.embedding.EncoderChangedException;
import dev.fluxgate.gateway.embedding.EncoderDescription;
import dev.fluxgate.gateway.embedding.EncoderNeed;
import dev.fluxgate.gateway.embedding.EncoderPool;
import dev.fluxgate.gateway.embedding.PromptSpec;
import dev.fluxgate.gateway.job.EmbeddingRef;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.worker.DrawingModel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Parameters → embeddings: out of the cache, or from the encoder. */
public final class PromptEmbedding {
  private static final Logger LOG = LoggerFactory.getLogger(PromptEmbedding.class);
  private static final String EMPTY_PROMPT = "";

  private final EmbeddingCache cache;
  private final EncoderPool encoders;
  private final String salt;

  /**
   * An embedding stage.
   *
   * @param salt enters every key; empty where all tenants may share embeddings
   */
  public PromptEmbedding(EmbeddingCache cache, EncoderPool encoders, String salt) {
    this.cache = cache;
    this.encoders = encoders;
    this.salt = salt;
  }

  /**
   * What the encoder of a model is.
   *
   * @throws dev.fluxgate.gateway.embedding.EncoderUnavailableException before its first answer
   * @throws dev.fluxgate.gateway.embedding.NoEncoderException if there is none for this model
   */
  public EncoderDescription encoder(DrawingModel model) {
    return encoders.description(need(model));
  }

  /** Whether an encoder for this model answers. */
  public boolean isUp(DrawingModel model) {
    return encoders.isUp(need(model));
  }

  private static EncoderNeed need(DrawingModel model) {
    return new EncoderNeed(model.textEncoder(), model.textWidth());
  }

  /**
   * The embeddings of a prompt, and of the empty one where the model guides with it, held until
   * {@link #release}; blocks while they are made.
   */
  public Job.Embeddings embed(GenerationParameters parameters, DrawingModel model) {
    boolean withNegative = model.classifierFreeGuidance() && parameters.guidanceScale() > 1;
    try {
      return embed(parameters, withNegative, encoder(model));
    } catch (EncoderChangedException e) {
      LOG.info("encoding again with another key: {}", e.getMessage());
      return embed(parameters, withNegative, encoder(model));
    }
  }

  private Job.Embeddings embed(
      GenerationParameters parameters, boolean withNegative, EncoderDescription description) {
    EmbeddingCache.Found prompt = acquire(parameters.prompt(), parameters, description);
    EmbeddingRef promptRef = ref(prompt.prompt());
    boolean truncated = prompt.prompt().truncated();
    if (!withNegative) {
      return new Job.Embeddings(promptRef, null, prompt.cached(), truncated);
    }
    EmbeddingCache.@Nullable Found negative = null;
    try {
      negative = acquire(EMPTY_PROMPT, parameters, description);
      return new Job.Embeddings(
          promptRef, ref(negative.prompt()), prompt.cached() && negative.cached(), truncated);
    } finally {
      if (negative == null) {
        cache.release(promptRef.sha256());
      }
    }
  }

  private EmbeddingCache.Found acquire(
      String prompt, GenerationParameters parameters, EncoderDescription description) {
    PromptSpec spec =
        new PromptSpec(prompt, parameters.maxSequenceLength(), parameters.textEncoderOutLayers());
    return cache.acquire(
        EmbeddingKey.of(description, spec, salt), () -> encoders.encode(spec, description));
  }

  /** Gives embeddings back that are no longer needed. */
  public void release(Job.Embeddings embeddings) {
    cache.release(embeddings.prompt().sha256());
    EmbeddingRef negative = embeddings.negative();
    if (negative != null) {
      cache.release(negative.sha256());
    }
  }

  private static EmbeddingRef ref(EncodedPrompt prompt) {
    return new EmbeddingRef(prompt.sha256(), prompt.tensor().data().size());
  }
}
