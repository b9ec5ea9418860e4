package dev.fluxgate.gateway.wish;

import dev.fluxgate.gateway.input.InputRef;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that a request asks for beside prompt, size and steps.
 *
 * @param pipeline class name of diffusers; empty: what the request brings decides
 * @param guidance what steers beside the prompt
 * @param sources what the drawing begins with
 * @param embeds in place of prompts
 * @param noise how it is drawn
 * @param output what comes out
 * @param upsampling how the prompt is rewritten; null: it is taken as it is
 */
public record Wish(
    String pipeline,
    Guidance guidance,
    Sources sources,
    Embeds embeds,
    Noise noise,
    Output output,
    @Nullable Upsampling upsampling) {
  /** A picture from a prompt. */
  public static final Wish NONE =
      new Wish("", Guidance.NONE, Sources.NONE, Embeds.NONE, Noise.STANDARD, Output.STANDARD, null);

  /** Every input that it names, once. */
  public Set<InputRef> inputs() {
    List<@Nullable InputRef> all = new ArrayList<>(sources.images());
    all.add(sources.mask());
    all.add(sources.reference());
    all.add(sources.latents());
    all.add(embeds.prompt());
    all.add(embeds.pooled());
    all.add(embeds.negative());
    all.add(embeds.negativePooled());
    Set<InputRef> inputs = new LinkedHashSet<>();
    for (InputRef ref : all) {
      if (ref != null) {
        inputs.add(ref);
      }
    }
    return inputs;
  }
}
