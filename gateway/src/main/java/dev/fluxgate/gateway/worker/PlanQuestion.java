package dev.fluxgate.gateway.worker;

import dev.fluxgate.gateway.input.Input;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.input.PictureHeader;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Sources;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request or a job, with all that decides what a worker needs for it.
 *
 * @param parameters what is to be drawn
 * @param promptTokens token positions of the prompt embeds
 * @param negativeTokens of the negative prompt embeds; 0: none will come
 * @param images the pictures that go in, in order
 * @param mask null: none
 * @param reference for what is painted into the mask; null: none
 */
public record PlanQuestion(
    GenerationParameters parameters,
    int promptTokens,
    int negativeTokens,
    List<PictureHeader> images,
    @Nullable PictureHeader mask,
    @Nullable PictureHeader reference) {
  /** Copies the list. */
  public PlanQuestion {
    images = List.copyOf(images);
  }

  /**
   * The question.
   *
   * @param isNegative whether there is a negative prompt
   * @param inputs where those that the parameters name are
   */
  public static PlanQuestion of(
      GenerationParameters parameters, boolean isNegative, InputStore inputs) {
    Sources sources = parameters.wish().sources();
    Embeds embeds = parameters.wish().embeds();
    return new PlanQuestion(
        parameters,
        tokens(embeds.prompt(), parameters, inputs),
        isNegative ? tokens(embeds.negative(), parameters, inputs) : 0,
        sources.images().stream()
            .map(image -> picture(image, inputs))
            .filter(Objects::nonNull)
            .toList(),
        picture(sources.mask(), inputs),
        picture(sources.reference(), inputs));
  }

  /** As many as the encoder makes, unless the embeds are there. */
  private static int tokens(
      @Nullable InputRef embeds, GenerationParameters parameters, InputStore inputs) {
    if (embeds != null
        && inputs.describe(embeds).map(Input::spec).orElse(null) instanceof Input.Tensor tensor) {
      List<Long> shape = tensor.header().getShapeList();
      return Math.toIntExact(shape.get(shape.size() - 2));
    }
    return parameters.maxSequenceLength();
  }

  private static @Nullable PictureHeader picture(@Nullable InputRef ref, InputStore inputs) {
    return ref != null
            && inputs.describe(ref).map(Input::spec).orElse(null) instanceof Input.Picture picture
        ? picture.header()
        : null;
  }
}
