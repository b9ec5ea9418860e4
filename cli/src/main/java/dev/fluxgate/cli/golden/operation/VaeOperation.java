package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.vae.BflVae;
import dev.fluxgate.denoiser.vae.LatentNormalizer;
import dev.fluxgate.denoiser.vae.Posterior;
import dev.fluxgate.denoiser.vae.VaeActivations;
import dev.fluxgate.denoiser.vae.VaeDecoder;
import dev.fluxgate.denoiser.vae.VaeEncoder;
import dev.fluxgate.denoiser.vae.VaeParams;
import dev.fluxgate.denoiser.vae.VaeWeights;
import dev.fluxgate.denoiser.vae.tile.TileActivations;
import dev.fluxgate.denoiser.vae.tile.TiledDecoder;
import dev.fluxgate.denoiser.vae.tile.TiledEncoder;
import dev.fluxgate.denoiser.vae.tile.Tiling;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Pixels → latents → pixels. */
final class VaeOperation {
  private static final String SLICED = "sample_sliced";

  private final CaseRun run;
  private final VaeParams params;
  private final TensorSource source;
  private final DType dtype;

  private VaeOperation(CaseRun run, VaeParams params, TensorSource source) {
    this.run = run;
    this.params = params;
    this.source = source;
    this.dtype = run.golden().computeType();
  }

  /** Latents to pixels, with every stage; one by one as well where the case asks for it. */
  static void decode(CaseRun run) {
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder())) {
      VaeOperation vae = new VaeOperation(run, params(run), checkpoint);
      HostTensor latent = run.input("latent");
      StageRecord stages = new StageRecord(run);
      run.put("sample", vae.decode(latent, latent.shape().size(0), stages));
      compare(stages);
      if (run.golden().tensor("out." + SLICED) != null) {
        run.put(SLICED, vae.decode(latent, 1, StageProbe.NONE));
      }
    }
  }

  /** Pixels to mean and log-variance, with every stage. */
  static void encode(CaseRun run) {
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder())) {
      StageRecord stages = new StageRecord(run);
      Posterior posterior =
          new VaeOperation(run, params(run), checkpoint).encode(run.input("image"), stages);
      run.put("mean", posterior.mean());
      run.put("logvar", posterior.logVariance());
      compare(stages);
    }
  }

  /** Latents to pixels in tiles. */
  static void decodeTiled(CaseRun run) {
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder())) {
      VaeOperation vae = new VaeOperation(run, params(run), checkpoint);
      run.put("sample", vae.decodeTiled(run.input("latent"), tiling(run)));
    }
  }

  /** Pixels to mean and log-variance in tiles. */
  static void encodeTiled(CaseRun run) {
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder())) {
      VaeOperation vae = new VaeOperation(run, params(run), checkpoint);
      Posterior posterior = vae.encodeTiled(run.input("image"), tiling(run));
      run.put("mean", posterior.mean());
      run.put("logvar", posterior.logVariance());
    }
  }

  /** Pixels to a latent drawn from its distribution, scaled, and back. */
  static void encodeSample(CaseRun run) {
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder())) {
      VaeOperation vae = new VaeOperation(run, params(run), checkpoint);
      Posterior posterior = vae.encode(run.input("image"), StageProbe.NONE);
      run.putIntermediate("mean", posterior.mean());
      run.putIntermediate("std", posterior.deviation());
      long seed = run.golden().parameters().path("generator_seed").longValue();
      TorchGenerator generator = new TorchGenerator(seed);
      HostTensor sampled = posterior.sample(generator.randn(posterior.mean().shape(), vae.dtype));
      run.putIntermediate("sampled", sampled);
      LatentNormalizer normalizer = LatentNormalizer.scaled(config(run), vae.dtype);
      HostTensor scaled = normalizer.normalize(sampled);
      HostTensor unscaled = normalizer.denormalize(scaled);
      run.put("scaled", scaled);
      run.put("unscaled", unscaled);
      run.put("sample", vae.decode(unscaled, 1, StageProbe.NONE));
    }
  }

  /** Patchify, normalise, pack, and back. */
  static void latentChain(CaseRun run) {
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder())) {
      LatentNormalizer normalizer =
          LatentNormalizer.load(params(run), checkpoint, run.golden().computeType());
      HostTensor patchified = LatentPacker.patchify(run.input("latent"));
      HostTensor normalised = normalizer.normalize(patchified);
      HostTensor packed = LatentPacker.pack(normalised);
      Shape s = patchified.shape();
      HostTensor unpacked = LatentPacker.unpack(packed, new LatentGrid(s.size(2), s.size(3)));
      HostTensor denormalised = normalizer.denormalize(unpacked);
      run.put("patchified", patchified);
      run.put("normalised", normalised);
      run.put("packed", packed);
      run.put("denormalised", denormalised);
      run.put("unpatchified", LatentPacker.unpatchify(denormalised));
    }
  }

  /** From a single file, whose shapes say all but the number of groups of its norms. */
  static void singleFile(CaseRun run) {
    try (Checkpoint file = Checkpoint.open(run.golden().folder().resolve("ae.safetensors"))) {
      TensorSource source = BflVae.adapt(file);
      int groups = run.golden().parameters().path("config").path("norm_num_groups").asInt();
      VaeOperation vae = new VaeOperation(run, VaeWeights.params(source, groups), source);
      run.put("sample", vae.decode(run.input("latent"), 1, StageProbe.NONE));
      run.put("mean", vae.encode(run.input("image"), StageProbe.NONE).mean());
    }
  }

  /** (N, Z, h, w) → (N, 3, H, W). */
  private HostTensor decode(HostTensor latents, int batch, StageProbe probe) {
    Shape s = latents.shape();
    return inWorkspace(
        w -> VaeActivations.decoding(w, params, dtype, batch, s.size(2), s.size(3)),
        (store, activations) -> {
          VaeWeights weights = VaeWeights.decoder(params, source, store);
          HostTensor pixels =
              new VaeDecoder(run.backend(), weights, probe).decode(latents.to(dtype), activations);
          return LatentPacker.channelsFirst(pixels);
        });
  }

  private Posterior encode(HostTensor pixels, StageProbe probe) {
    Shape s = pixels.shape();
    return inWorkspace(
        w -> VaeActivations.encoding(w, params, dtype, s.size(0), s.size(2), s.size(3)),
        (store, activations) -> {
          VaeWeights weights = VaeWeights.encoder(params, source, store);
          return new VaeEncoder(run.backend(), weights, probe)
              .encode(pixels.to(dtype), activations);
        });
  }

  private HostTensor decodeTiled(HostTensor latents, Tiling tiling) {
    Shape s = latents.shape();
    return inWorkspace(
        w -> TileActivations.decoding(w, params, dtype, tiling, s.size(2), s.size(3)),
        (store, activations) -> {
          VaeWeights weights = VaeWeights.decoder(params, source, store);
          VaeDecoder decoder = new VaeDecoder(run.backend(), weights, StageProbe.NONE);
          HostTensor pixels = new TiledDecoder(decoder).decode(latents.to(dtype), activations);
          return LatentPacker.channelsFirst(pixels);
        });
  }

  private Posterior encodeTiled(HostTensor pixels, Tiling tiling) {
    Shape s = pixels.shape();
    return inWorkspace(
        w -> TileActivations.encoding(w, params, dtype, tiling, s.size(2), s.size(3)),
        (store, activations) -> {
          VaeWeights weights = VaeWeights.encoder(params, source, store);
          VaeEncoder encoder = new VaeEncoder(run.backend(), weights, StageProbe.NONE);
          return new TiledEncoder(encoder).encode(pixels.to(dtype), activations);
        });
  }

  private <A, T> T inWorkspace(Function<Workspace, A> layout, BiFunction<WeightStore, A, T> work) {
    long bytes =
        WorkspacePlan.bytes(plan -> {
          A _ = layout.apply(plan);
        });
    try (WeightStore store = run.backend().weights(dtype);
        Workspace workspace = run.backend().workspace(bytes)) {
      return work.apply(store, layout.apply(workspace));
    }
  }

  /** Our maps lie with the channels last. */
  private static void compare(StageRecord stages) {
    stages.compare(
        s -> Shape.of(s.dim(0), s.dim(2), s.dim(3), s.dim(1)), LatentPacker::channelsFirst);
  }

  private static Tiling tiling(CaseRun run) {
    JsonNode tiling = run.golden().parameters().path("tiling");
    return new Tiling(
        tiling.path("tile_sample_min_size").intValue(),
        tiling.path("tile_latent_min_size").intValue(),
        tiling.path("tile_overlap_factor").asDouble(0.25));
  }

  private static VaeParams params(CaseRun run) {
    return VaeParams.of(config(run));
  }

  private static ConfigJson config(CaseRun run) {
    return ConfigJson.read(run.golden().modelFolder().resolve("config.json"));
  }
}
