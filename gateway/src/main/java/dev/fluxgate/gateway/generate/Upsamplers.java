package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.upsample.PromptUpsampler;
import dev.fluxgate.gateway.wish.Upsampling;
import dev.fluxgate.gateway.worker.DrawingModel;
import java.util.Optional;

/** Who rewrites prompts. */
@FunctionalInterface
public interface Upsamplers {
  /** Nobody does. */
  Upsamplers NONE = (_, _) -> Optional.empty();

  /** Who rewrites prompts for {@code model}, if anyone of this kind does. */
  Optional<PromptUpsampler> find(Upsampling.Source source, DrawingModel model);
}
