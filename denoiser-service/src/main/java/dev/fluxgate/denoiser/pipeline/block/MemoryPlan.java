package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.model.PictureCodec;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.vae.tile.Tiling;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import java.util.function.BiConsumer;

/**
 * What a job takes, found before it begins: whole pictures pass the VAE if that fits, else tiles of
 * them, which differ a little (models spec §4.6); or tiles because the request says so.
 *
 * @param tiling of the VAE
 * @param bytes of activations, exactly
 * @param limit most bytes that a job may take
 */
public record MemoryPlan(Tiling tiling, long bytes, long limit) {

  /**
   * Plans a job.
   *
   * @param layout lays out the job with a tiling
   * @throws IllegalArgumentException if the VAE cannot work in the tiles that are asked for
   */
  public static MemoryPlan of(
      PictureCodec codec,
      DenoiseRequest request,
      long limit,
      BiConsumer<Workspace, Tiling> layout) {
    Integer tileSize = request.tiling().tileSize();
    Tiling tiles = codec.tiling(tileSize, request.tiling().tileOverlap());
    if (tileSize != null) {
      return planned(tiles, limit, layout);
    }
    MemoryPlan whole = planned(Tiling.NONE, limit, layout);
    if (whole.fits()) {
      return whole;
    }
    MemoryPlan tiled = planned(tiles, limit, layout);
    // Where the steps take more than the VAE, tiles would change the picture for nothing.
    return tiled.bytes < whole.bytes ? tiled : whole;
  }

  private static MemoryPlan planned(
      Tiling tiling, long limit, BiConsumer<Workspace, Tiling> layout) {
    long bytes = WorkspacePlan.bytes(workspace -> layout.accept(workspace, tiling));
    return new MemoryPlan(tiling, bytes, limit);
  }

  private boolean fits() {
    return bytes <= limit;
  }

  /**
   * This plan.
   *
   * @throws DeviceMemoryException if it does not fit; the message tells bytes needed and there
   */
  public MemoryPlan orRefuse() {
    if (fits()) {
      return this;
    }
    String how =
        tiling.equals(Tiling.NONE)
            ? ""
            : ", with the VAE in tiles of %d pixels".formatted(tiling.samplePixels());
    throw new DeviceMemoryException(
        "job: %d bytes of activations%s (expected: at most %d bytes here)"
            .formatted(bytes, how, limit),
        null);
  }
}
