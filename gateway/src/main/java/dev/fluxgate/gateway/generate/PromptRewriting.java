package dev.fluxgate.gateway.generate;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.input.Input;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.upsample.PromptUpsampler;
import dev.fluxgate.gateway.upsample.UpsamplingFailedException;
import dev.fluxgate.gateway.upsample.UpsamplingRequest;
import dev.fluxgate.gateway.wish.Upsampling;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.serving.InvalidFieldException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prompts as they were typed → prompts as they are encoded. What was rewritten once is remembered:
 * the same words, pictures and seed give the same answer, and so the same key of the embedding.
 */
public final class PromptRewriting {
  private static final int MAX_REMEMBERED = 4096;
  private static final float LOAD_FACTOR = 0.75f;

  private final Upsamplers upsamplers;
  private final InputStore inputs;
  private final Map<Key, String> remembered =
      new LinkedHashMap<>(16, LOAD_FACTOR, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, String> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  /** Everything that changes an answer. */
  private record Key(
      String prompt, List<InputRef> images, float temperature, long seed, String upsampler) {}

  /**
   * The stage.
   *
   * @param inputs where pictures lie that are shown to whoever rewrites
   */
  public PromptRewriting(Upsamplers upsamplers, InputStore inputs) {
    this.upsamplers = upsamplers;
    this.inputs = inputs;
  }

  /**
   * Refuses what nobody can rewrite.
   *
   * @throws InvalidFieldException if there is nobody of the kind that is asked for
   */
  void check(@Nullable Upsampling upsampling, DrawingModel model) {
    if (upsampling != null && upsamplers.find(upsampling.source(), model).isEmpty()) {
      throw new InvalidFieldException(
          "parameters.upsampling",
          "upsampling: by "
              + upsampling.source().name().toLowerCase(Locale.ROOT)
              + " (expected: none, since this gateway has no such upsampler for "
              + model.name()
              + ")");
    }
  }

  /**
   * The prompt to encode; blocks.
   *
   * @return null where the prompt is taken as it is
   * @throws dev.fluxgate.gateway.upsample.UpsamplerUnavailableException if nobody answered
   * @throws UpsamplingFailedException if the prompt was refused
   */
  @Nullable String rewrite(GenerationParameters parameters, DrawingModel model) {
    Upsampling upsampling = parameters.wish().upsampling();
    if (upsampling == null) {
      return null;
    }
    PromptUpsampler upsampler =
        upsamplers
            .find(upsampling.source(), model)
            .orElseThrow(() ->
                new UpsamplingFailedException(
                    UpsamplingFailedException.NO_UPSAMPLING,
                    "upsampling: by " + upsampling.source() + " (expected: one that is there)",
                    null));
    Long seed = upsampling.seed();
    Key key =
        new Key(
            parameters.prompt(),
            parameters.wish().sources().images(),
            upsampling.temperature(),
            seed == null ? parameters.seed() : seed,
            upsampling.source() + " " + upsampler.target());
    Optional<String> known = remembered(key);
    if (known.isPresent()) {
      return known.get();
    }
    String prompt =
        upsampler
            .upsample(
                new UpsamplingRequest(
                    key.prompt(),
                    pictures(key.images()),
                    key.temperature(),
                    key.seed(),
                    UpsamplingRequest.MAX_NEW_TOKENS))
            .prompt();
    synchronized (remembered) {
      remembered.put(key, prompt);
    }
    return prompt;
  }

  private Optional<String> remembered(Key key) {
    synchronized (remembered) {
      return Optional.ofNullable(remembered.get(key));
    }
  }

  private List<UpsamplingRequest.Picture> pictures(List<InputRef> refs) {
    List<UpsamplingRequest.Picture> pictures = new ArrayList<>();
    for (InputRef ref : refs) {
      Input.Spec spec = inputs.describe(ref).map(Input::spec).orElse(null);
      ByteString file = inputs.read(ref).orElse(ByteString.EMPTY);
      if (!(spec instanceof Input.Picture(var header, _)) || file.isEmpty()) {
        throw new IllegalStateException("input " + ref + ": gone, though held");
      }
      pictures.add(new UpsamplingRequest.Picture(header.mediaType(), file));
    }
    return pictures;
  }
}
