package dev.fluxgate.denoiser.testing;

import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.Guidance;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.PictureSize;
import dev.fluxgate.denoiser.request.StepSchedule;
import dev.fluxgate.denoiser.request.Tiling;

/** Requests that differ from others in one thing. */
public final class RequestChanges {
  private RequestChanges() {}

  /** The same, of another size. */
  public static DenoiseRequest withSize(DenoiseRequest request, PictureSize size) {
    return new DenoiseRequest(
        size,
        request.schedule(),
        request.guidance(),
        request.noise(),
        request.pictures(),
        request.tiling(),
        request.numImages(),
        request.previews());
  }

  /** The same over other noise levels. */
  public static DenoiseRequest withSchedule(DenoiseRequest request, StepSchedule schedule) {
    return new DenoiseRequest(
        request.size(),
        schedule,
        request.guidance(),
        request.noise(),
        request.pictures(),
        request.tiling(),
        request.numImages(),
        request.previews());
  }

  /** The same, guided otherwise. */
  public static DenoiseRequest withGuidance(DenoiseRequest request, Guidance guidance) {
    return new DenoiseRequest(
        request.size(),
        request.schedule(),
        guidance,
        request.noise(),
        request.pictures(),
        request.tiling(),
        request.numImages(),
        request.previews());
  }

  /** The same from other noise. */
  public static DenoiseRequest withNoise(DenoiseRequest request, NoiseSource noise) {
    return new DenoiseRequest(
        request.size(),
        request.schedule(),
        request.guidance(),
        noise,
        request.pictures(),
        request.tiling(),
        request.numImages(),
        request.previews());
  }

  /** The same with these pictures going in. */
  public static DenoiseRequest withPictures(DenoiseRequest request, InputPictures pictures) {
    return new DenoiseRequest(
        request.size(),
        request.schedule(),
        request.guidance(),
        request.noise(),
        pictures,
        request.tiling(),
        request.numImages(),
        request.previews());
  }

  /** The same with the VAE working in other tiles. */
  public static DenoiseRequest withTiling(DenoiseRequest request, Tiling tiling) {
    return new DenoiseRequest(
        request.size(),
        request.schedule(),
        request.guidance(),
        request.noise(),
        request.pictures(),
        tiling,
        request.numImages(),
        request.previews());
  }

  /** The same with {@code numImages} pictures for every prompt. */
  public static DenoiseRequest withNumImages(DenoiseRequest request, int numImages) {
    return new DenoiseRequest(
        request.size(),
        request.schedule(),
        request.guidance(),
        request.noise(),
        request.pictures(),
        request.tiling(),
        numImages,
        request.previews());
  }

  /** The same, looked at between the steps or not. */
  public static DenoiseRequest withPreviews(DenoiseRequest request, boolean previews) {
    return new DenoiseRequest(
        request.size(),
        request.schedule(),
        request.guidance(),
        request.noise(),
        request.pictures(),
        request.tiling(),
        request.numImages(),
        previews);
  }
}
