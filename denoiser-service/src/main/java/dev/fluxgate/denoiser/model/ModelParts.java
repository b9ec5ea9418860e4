package dev.fluxgate.denoiser.model;

import dev.fluxgate.denoiser.preview.LatentPreview;
import dev.fluxgate.denoiser.schedule.FlowMatchEulerScheduler;
import dev.fluxgate.denoiser.schedule.SchedulerConfig;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;

/**
 * What the models of all families are made of, but for the transformer.
 *
 * @param folder it lies in
 * @param files to be closed with it
 * @param backend where it computes
 * @param dtype what it computes in
 * @param probe sees its stages
 * @param codec its VAE
 * @param preview small pictures of its latents
 * @param scheduler its noise levels
 */
record ModelParts(
    ModelFolder folder,
    ModelFiles files,
    Backend backend,
    DType dtype,
    StageProbe probe,
    PictureCodec codec,
    LatentPreview preview,
    FlowMatchEulerScheduler scheduler) {

  static ModelParts load(
      ModelFolder folder, ModelFiles files, Backend backend, DType dtype, StageProbe probe) {
    PictureCodec.Loader vae =
        new PictureCodec.Loader(config(folder, "vae"), files.vae(), files.store(), backend, dtype);
    Path schedulerFile = folder.component("scheduler").resolve("scheduler_config.json");
    return new ModelParts(
        folder,
        files,
        backend,
        dtype,
        probe,
        vae.codec(probe),
        vae.preview(),
        new FlowMatchEulerScheduler(SchedulerConfig.from(ConfigJson.read(schedulerFile))));
  }

  /** {@code transformer/config.json}. */
  ConfigJson transformerConfig() {
    return config(folder, "transformer");
  }

  /**
   * Refuses a transformer for other latents than the VAE's.
   *
   * @throws InvalidModelException naming both numbers of channels
   */
  void checkThatTheyFit(int inChannels, int outChannels) {
    int channels = codec.channels();
    if (inChannels != channels || outChannels != channels) {
      throw new InvalidModelException(
          folder.path(),
          "a transformer from %d to %d channels".formatted(inChannels, outChannels),
          channels + " both ways, 4 for each of " + channels / 4 + " latent channels");
    }
  }

  private static ConfigJson config(ModelFolder folder, String component) {
    return ConfigJson.read(folder.component(component).resolve("config.json"));
  }
}
