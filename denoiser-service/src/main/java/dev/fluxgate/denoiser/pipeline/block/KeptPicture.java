package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.Collections;
import java.util.List;

/**
 * Holds what is not drawn anew on the way of the source picture: after every step the kept tokens
 * are the source at the noise of the next one (models spec §6.4, point 9).
 */
public final class KeptPicture {
  private final DenoiserModel model;
  private final Tensor kept;
  private final Tensor mask;

  /**
   * Lays out the memory.
   *
   * @param tokens of all pictures, N·S
   */
  public KeptPicture(Workspace workspace, DenoiserModel model, int tokens) {
    this.model = model;
    kept = workspace.tensor(model.dtype(), Shape.of(tokens, model.codec().channels()));
    mask = workspace.tensor(model.dtype(), Shape.of(tokens, 1));
  }

  /** One picture, (1, …), as often as there are pictures, (N, …). */
  public static HostTensor repeated(HostTensor one, long pictures) {
    return stacked(Collections.nCopies(Math.toIntExact(pictures), one));
  }

  private static HostTensor stacked(List<HostTensor> parts) {
    Shape s = parts.getFirst().shape();
    long[] dims = new long[s.rank()];
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = s.dim(axis);
    }
    dims[0] *= parts.size();
    HostTensor all = HostTensor.zeros(parts.getFirst().dtype(), Shape.of(dims));
    for (int n = 0; n < parts.size(); n++) {
      all.slice(n * s.dim(0), s.dim(0)).data().copyFrom(parts.get(n).data());
    }
    return all;
  }

  /**
   * What to do after every step of {@code schedule}.
   *
   * @param source (N, C, g, k), clean
   * @param noise the same, as drawn
   * @param tokenMask (S, 1), 1 where a token is drawn anew
   */
  public DenoisingLoop.AfterStep after(
      SigmaSchedule schedule, HostTensor source, HostTensor noise, HostTensor tokenMask) {
    model.backend().upload(repeated(tokenMask, source.shape().dim(0)), mask);
    return (step, latents) -> {
      HostTensor on =
          step + 1 == schedule.steps() ? source : schedule.scaleNoise(step + 1, source, noise);
      model.backend().upload(LatentPacker.pack(on), kept);
      model.backend().blend(kept, latents, mask, latents);
    };
  }
}
