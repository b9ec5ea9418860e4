package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.embedding.EmbeddingCache;
import dev.fluxgate.gateway.embedding.EmbeddingKey;
import dev.fluxgate.gateway.embedding.EncodedPrompt;
import dev.fluxgate.gateway.embedding.EncoderChangedException;
import dev.fluxgate.gateway.embedding.EncoderDescription;
import dev.fluxgate.gateway.embedding.EncoderNeed;
import dev.fluxgate.gateway.embedding.EncoderPool;
import dev.fluxgate.gateway.embedding.PromptSpec;
import dev.fluxgate.gateway.input.Input;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.job.EmbeddingRef;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Guidance;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorIdentity;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Parameters → embeddings: out of the cache, or from the encoder. */
public final class PromptEmbedding {
  private static final Logger LOG = LoggerFactory.getLogger(PromptEmbedding.class);
  private static final String EMPTY_PROMPT = "";

  private final EmbeddingCache cache;
  private final EncoderPool encoders;
  private final InputStore inputs;
  private final String salt;

  /**
   * An embedding stage.
   *
   * @param inputs where embeddings lie that requests bring
   * @param salt enters every key; empty where all tenants may share embeddings
   */
  public PromptEmbedding(
      EmbeddingCache cache, EncoderPool encoders, InputStore inputs, String salt) {
    this.cache = cache;
    this.encoders = encoders;
    this.inputs = inputs;
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
   * The embeddings of a job, held until {@link #release}; blocks while they are made. What the
   * request brings ready-made is taken from the store of inputs.
   *
   * @param rewritten to encode in place of the prompt; null: the prompt itself
   */
  public Job.Embeddings embed(
      GenerationParameters parameters, @Nullable String rewritten, DrawingModel model) {
    try {
      return attempt(parameters, rewritten, model);
    } catch (EncoderChangedException e) {
      LOG.info("encoding again with another key: {}", e.getMessage());
      return attempt(parameters, rewritten, model);
    }
  }

  private Job.Embeddings attempt(
      GenerationParameters parameters, @Nullable String rewritten, DrawingModel model) {
    Wish wish = parameters.wish();
    Guidance guidance = wish.guidance();
    Embeds embeds = wish.embeds();
    Words words =
        new Words(Objects.requireNonNullElse(rewritten, parameters.prompt()), guidance.prompt2());
    Side prompt = side(words, embeds.prompt(), embeds.pooled(), parameters, model);
    Side negative = Side.NONE;
    boolean complete = false;
    try {
      if (Prompts.needNegative(model, parameters.guidanceScale(), wish)) {
        Words without =
            new Words(
                Objects.requireNonNullElse(guidance.negativePrompt(), EMPTY_PROMPT),
                guidance.negativePrompt2());
        negative = side(without, embeds.negative(), embeds.negativePooled(), parameters, model);
      }
      complete = true;
    } finally {
      if (!complete) {
        release(embeds.prompt(), prompt.embeds(), prompt.pooled());
      }
    }
    return new Job.Embeddings(
        Objects.requireNonNull(prompt.embeds()),
        negative.embeds(),
        prompt.pooled(),
        negative.pooled(),
        prompt.cached() && negative.cached(),
        prompt.truncated(),
        rewritten);
  }

  /** What is to be encoded; the second is null where it is the first. */
  private record Words(String prompt, @Nullable String prompt2) {}

  /** The prompt as embeddings, or the negative prompt. */
  private record Side(
      @Nullable EmbeddingRef embeds,
      @Nullable EmbeddingRef pooled,
      boolean cached,
      boolean truncated) {
    private static final Side NONE = new Side(null, null, true, false);
  }

  private Side side(
      Words words,
      @Nullable InputRef embeds,
      @Nullable InputRef pooled,
      GenerationParameters parameters,
      DrawingModel model) {
    if (embeds != null) {
      return new Side(brought(embeds), pooled == null ? null : brought(pooled), true, false);
    }
    EncoderDescription description = encoder(model);
    PromptSpec spec =
        new PromptSpec(
            words.prompt(),
            words.prompt2(),
            parameters.maxSequenceLength(),
            parameters.textEncoderOutLayers(),
            model.abilities().pooledWidth() > 0);
    EmbeddingCache.Found found =
        cache.acquire(
            EmbeddingKey.of(description, spec, salt), () -> encoders.encode(spec, description));
    EncodedPrompt prompt = found.prompt();
    PackedTensor pooledTensor = prompt.pooled();
    return new Side(
        ref(prompt.tensor()),
        pooledTensor == null ? null : ref(pooledTensor),
        found.cached(),
        prompt.truncated());
  }

  /** An embedding of the request itself; its job holds it in the store of inputs. */
  private EmbeddingRef brought(InputRef ref) {
    long bytes =
        inputs
            .describe(ref)
            .map(Input::byteSize)
            .orElseThrow(() -> new IllegalStateException("input " + ref + ": gone, though held"));
    return new EmbeddingRef(ref.sha256(), bytes);
  }

  /** Gives embeddings back that are no longer needed. */
  public void release(GenerationParameters parameters, Job.Embeddings embeddings) {
    Embeds brought = parameters.wish().embeds();
    release(brought.prompt(), embeddings.prompt(), embeddings.pooled());
    release(brought.negative(), embeddings.negative(), embeddings.negativePooled());
  }

  /** What was brought was never held in the cache. */
  private void release(@Nullable InputRef brought, @Nullable EmbeddingRef... refs) {
    for (EmbeddingRef ref : refs) {
      if (brought == null && ref != null) {
        cache.release(ref.sha256());
      }
    }
  }

  private static EmbeddingRef ref(PackedTensor tensor) {
    return new EmbeddingRef(TensorIdentity.of(tensor.header()), tensor.data().size());
  }
}
