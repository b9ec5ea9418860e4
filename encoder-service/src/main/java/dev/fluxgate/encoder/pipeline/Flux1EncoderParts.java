package dev.fluxgate.encoder.pipeline;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.model.clip.ClipTextEncoder;
import dev.fluxgate.encoder.model.t5.T5TextEncoder;
import dev.fluxgate.encoder.token.PaddingSide;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The four components of FLUX.1: {@code tokenizer} and {@code text_encoder} are those of CLIP,
 * {@code tokenizer_2} and {@code text_encoder_2} those of T5.
 *
 * @param folder whose components they are
 * @param pipeline of all four
 * @param longest sequence that the model was made for
 */
record Flux1EncoderParts(ModelFolder folder, Flux1EncodePipeline pipeline, int longest)
    implements EncoderParts {
  /** Prompts are not framed. */
  private static final String TEMPLATE_VERSION = "plain/1";

  static Flux1EncoderParts load(
      ModelFolder folder, Backend backend, DType computeType, int longest) {
    Deque<Runnable> opened = new ArrayDeque<>();
    boolean complete = false;
    try {
      ClipTextEncoder clip =
          ClipTextEncoder.load(folder.component("text_encoder"), backend, computeType);
      opened.push(clip::close);
      PromptTokenizer clipTokenizer =
          open(folder.component("tokenizer"), clip.params().vocabularySize());
      opened.push(clipTokenizer::close);
      T5TextEncoder t5 =
          T5TextEncoder.load(folder.component("text_encoder_2"), backend, computeType);
      opened.push(t5::close);
      PromptTokenizer t5Tokenizer =
          open(folder.component("tokenizer_2"), t5.params().vocabularySize());
      opened.push(t5Tokenizer::close);
      Flux1EncodePipeline pipeline =
          new Flux1EncodePipeline(clipTokenizer, clip, t5Tokenizer, t5, backend);
      complete = true;
      return new Flux1EncoderParts(folder, pipeline, longest);
    } finally {
      if (!complete) {
        opened.forEach(Runnable::run);
      }
    }
  }

  @Override
  public EncoderModel.Sizes sizes() {
    return new EncoderModel.Sizes(
        depth(),
        pipeline.t5().params().hiddenSize(),
        pipeline.clip().params().hiddenSize(),
        Math.min(longest, pipeline.t5Tokenizer().modelMaxLength()),
        longest);
  }

  @Override
  public String textEncoder() {
    return folder.family().textEncoder();
  }

  @Override
  public DType computeType() {
    return pipeline.t5().computeType();
  }

  @Override
  public String templateVersion() {
    return TEMPLATE_VERSION;
  }

  @Override
  public OutputLayers defaultOutputLayers() {
    return new OutputLayers(List.of(depth()));
  }

  @Override
  public OutputLayers outputLayers(List<Integer> asked) {
    if (!asked.equals(defaultOutputLayers().indices())) {
      throw new IllegalArgumentException(
          "output_layers: "
              + asked
              + " (expected: none, or ["
              + depth()
              + "]; of T5 the last hidden state alone is used)");
    }
    return defaultOutputLayers();
  }

  @Override
  public List<Path> weightFolders() {
    return List.of(folder.component("text_encoder"), folder.component("text_encoder_2"));
  }

  @Override
  public List<Path> tokenizerFolders() {
    return List.of(folder.component("tokenizer"), folder.component("tokenizer_2"));
  }

  @Override
  public void prepare() {
    pipeline.clip().prepare();
    pipeline.t5().prepare();
  }

  @Override
  public void close() {
    pipeline.t5Tokenizer().close();
    pipeline.t5().close();
    pipeline.clipTokenizer().close();
    pipeline.clip().close();
  }

  private int depth() {
    return pipeline.t5().params().layers();
  }

  private static PromptTokenizer open(Path folder, int embeddingRows) {
    PromptTokenizer tokenizer = PromptTokenizer.open(folder, PaddingSide.RIGHT);
    boolean fits = false;
    try {
      EncoderParts.checkVocabulary(folder, tokenizer.largestId(), embeddingRows);
      fits = true;
      return tokenizer;
    } finally {
      if (!fits) {
        tokenizer.close();
      }
    }
  }
}
