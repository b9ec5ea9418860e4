package dev.fluxgate.encoder.pipeline;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.model.Mistral3TextEncoder;
import dev.fluxgate.encoder.model.Qwen3TextEncoder;
import dev.fluxgate.encoder.model.TextEncoder;
import dev.fluxgate.encoder.model.TextEncoderParams;
import dev.fluxgate.encoder.prompt.ChatTemplate;
import dev.fluxgate.encoder.token.PaddingSide;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.upsample.PromptUpsampling;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code tokenizer} and {@code text_encoder} of FLUX.2: a language model.
 *
 * @param weights folder of the encoder
 * @param words folder of the tokenizer
 * @param encoder of {@code weights}
 * @param tokenizer of {@code words}
 * @param pipeline of both
 * @param upsampling with both; null where the checkpoint cannot
 */
record Flux2EncoderParts(
    Path weights,
    Path words,
    TextEncoder encoder,
    PromptTokenizer tokenizer,
    Flux2EncodePipeline pipeline,
    @Nullable PromptUpsampling upsampling)
    implements EncoderParts {
  /** Most positions that FLUX.2 was made for. */
  private static final int USUAL_SEQUENCE_LENGTH = 512;

  static Flux2EncoderParts load(ModelFolder folder, Backend backend, DType computeType) {
    Path weights = folder.component("text_encoder");
    Path words = folder.component("tokenizer");
    Deque<Runnable> opened = new ArrayDeque<>();
    boolean complete = false;
    try {
      TextEncoder encoder = TextEncoder.load(weights, backend, computeType);
      opened.push(encoder::close);
      PromptTokenizer tokenizer = PromptTokenizer.open(words, side(encoder));
      opened.push(tokenizer::close);
      EncoderParts.checkVocabulary(
          words, tokenizer.largestId(), encoder.stack().params().vocabularySize());
      Flux2EncodePipeline pipeline =
          new Flux2EncodePipeline(template(encoder), tokenizer, encoder.stack(), backend);
      Flux2EncoderParts parts =
          new Flux2EncoderParts(
              weights,
              words,
              encoder,
              tokenizer,
              pipeline,
              PromptUpsampling.find(weights, tokenizer, encoder));
      complete = true;
      return parts;
    } finally {
      if (!complete) {
        opened.forEach(Runnable::run);
      }
    }
  }

  @Override
  public EncoderModel.Sizes sizes() {
    TextEncoderParams params = encoder.stack().params();
    // What FLUX.2 uses, or less if the tokenizer says so.
    int usual = Math.min(USUAL_SEQUENCE_LENGTH, tokenizer.modelMaxLength());
    return new EncoderModel.Sizes(
        params.layers(),
        params.hiddenSize(),
        0,
        Math.min(usual, params.maxPositions()),
        params.maxPositions());
  }

  @Override
  public String textEncoder() {
    return switch (encoder) {
      case Mistral3TextEncoder _ -> ModelFamily.FLUX2_DEV.textEncoder();
      case Qwen3TextEncoder _ -> ModelFamily.FLUX2_KLEIN.textEncoder();
    };
  }

  @Override
  public DType computeType() {
    return encoder.stack().computeType();
  }

  @Override
  public String templateVersion() {
    return pipeline.template().version();
  }

  @Override
  public OutputLayers defaultOutputLayers() {
    return OutputLayers.defaults(encoder.stack().params().layers());
  }

  @Override
  public OutputLayers outputLayers(List<Integer> asked) {
    return new OutputLayers(asked).within(encoder.stack().params().layers());
  }

  @Override
  public List<Path> weightFolders() {
    return List.of(weights);
  }

  @Override
  public List<Path> tokenizerFolders() {
    return List.of(words);
  }

  @Override
  public void prepare() {
    encoder.stack().prepare(defaultOutputLayers().last());
  }

  @Override
  public void close() {
    tokenizer.close();
    encoder.close();
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
