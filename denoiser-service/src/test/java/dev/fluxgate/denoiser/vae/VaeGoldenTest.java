package dev.fluxgate.denoiser.vae;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.testing.RecordedStages;
import dev.fluxgate.denoiser.testing.TestedBackend;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VaeGoldenTest {

  static Stream<GoldenCase> decodeCases() {
    return cases("flux2-vae", "decode");
  }

  static Stream<GoldenCase> encodeCases() {
    return cases("flux2-vae", "encode");
  }

  static Stream<GoldenCase> latentCases() {
    return cases("flux2-vae", "latent_chain");
  }

  static Stream<GoldenCase> singleFileCases() {
    return cases("formats-safetensors", "decode_single_file");
  }

  /** Tiles have a test of their own. */
  private static Stream<GoldenCase> cases(String family, String operation) {
    return GoldenCase.all(family).stream()
        .filter(golden -> golden.operation().equals(operation))
        .filter(golden -> !golden.parameters().has("tiling"));
  }

  static Stream<Arguments> decodeCasesOnEveryBackend() {
    return TestedBackend.each(decodeCases());
  }

  static Stream<Arguments> encodeCasesOnEveryBackend() {
    return TestedBackend.each(encodeCases());
  }

  static Stream<Arguments> singleFileCasesOnEveryBackend() {
    return TestedBackend.each(singleFileCases());
  }

  @ParameterizedTest
  @MethodSource("decodeCasesOnEveryBackend")
  void decodesAsTheReferenceStageByStage(GoldenCase golden, TestedBackend tested) {
    try (Backend backend = tested.open();
        Checkpoint checkpoint = Checkpoint.open(golden.model())) {
      RecordedStages stages = new RecordedStages(backend);
      VaeRun run = new VaeRun(backend, params(golden), checkpoint, dtype(golden));
      HostTensor latent = golden.tensor("in.latent");

      golden.assertMatches("out.sample", run.decode(latent, latent.shape().size(0), stages));
      assertStages(golden, stages);
      if (golden.names().contains("out.sample_sliced")) {
        golden.assertMatches("out.sample_sliced", run.decode(latent, 1, StageProbe.NONE));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("encodeCasesOnEveryBackend")
  void encodesAsTheReferenceStageByStage(GoldenCase golden, TestedBackend tested) {
    try (Backend backend = tested.open();
        Checkpoint checkpoint = Checkpoint.open(golden.model())) {
      RecordedStages stages = new RecordedStages(backend);
      VaeRun run = new VaeRun(backend, params(golden), checkpoint, dtype(golden));

      Posterior posterior = run.encode(golden.tensor("in.image"), stages);

      golden.assertMatches("out.mean", posterior.mean());
      golden.assertMatches("out.logvar", posterior.logVariance());
      assertStages(golden, stages);
    }
  }

  @ParameterizedTest
  @MethodSource("latentCases")
  void normalisesAndPacksLatentsAsTheReference(GoldenCase golden) {
    try (Checkpoint checkpoint = Checkpoint.open(golden.model())) {
      LatentNormalizer normalizer =
          LatentNormalizer.load(params(golden), checkpoint, dtype(golden));

      HostTensor patchified = LatentPacker.patchify(golden.tensor("in.latent"));
      HostTensor normalised = normalizer.normalize(patchified);
      HostTensor packed = LatentPacker.pack(normalised);
      Shape s = patchified.shape();
      HostTensor unpacked = LatentPacker.unpack(packed, new LatentGrid(s.size(2), s.size(3)));
      HostTensor denormalised = normalizer.denormalize(unpacked);

      float[] deviations = normalizer.deviations();
      golden.assertMatches(
          "mid.statistics_std", HostTensor.of(DType.F32, Shape.of(deviations.length), deviations));
      golden.assertMatches("out.patchified", patchified);
      golden.assertMatches("out.normalised", normalised);
      golden.assertMatches("out.packed", packed);
      golden.assertMatches("out.denormalised", denormalised);
      golden.assertMatches("out.unpatchified", LatentPacker.unpatchify(denormalised));
    }
  }

  @ParameterizedTest
  @MethodSource("singleFileCasesOnEveryBackend")
  void readsSingleFilesWithoutAConfiguration(GoldenCase golden, TestedBackend tested) {
    try (Backend backend = tested.open();
        Checkpoint file = Checkpoint.open(golden.file("ae.safetensors"))) {
      TensorSource source = BflVae.adapt(file);
      int groups = golden.parameters().path("config").path("norm_num_groups").asInt();
      VaeRun run = new VaeRun(backend, VaeWeights.params(source, groups), source, DType.F32);

      golden.assertMatches(
          "out.sample", run.decode(golden.tensor("in.latent"), 1, StageProbe.NONE));
      golden.assertMatches(
          "out.mean", run.encode(golden.tensor("in.image"), StageProbe.NONE).mean());
    }
  }

  private static void assertStages(GoldenCase golden, RecordedStages stages) {
    for (String name : golden.names()) {
      if (name.startsWith("mid.")) {
        Shape s = golden.tensor(name).shape();
        Shape channelsLast = Shape.of(s.dim(0), s.dim(2), s.dim(3), s.dim(1));
        HostTensor stage = stages.all(name.substring("mid.".length()), channelsLast);
        RecordedStages.assertStage(golden, name, LatentPacker.channelsFirst(stage));
      }
    }
  }

  private static VaeParams params(GoldenCase golden) {
    return VaeParams.of(ConfigJson.read(golden.model().resolve("config.json")));
  }

  private static DType dtype(GoldenCase golden) {
    return golden.parameters().path("compute_dtype").asText().equals("bfloat16")
        ? DType.BF16
        : DType.F32;
  }

  /** Both halves on freshly loaded weights, in exactly the planned memory. */
  private record VaeRun(Backend backend, VaeParams params, TensorSource source, DType dtype) {

    /** (N, Z, h, w) → (N, 3, H, W). */
    HostTensor decode(HostTensor latents, int batch, StageProbe probe) {
      Shape s = latents.shape();
      return inWorkspace(
          w -> VaeActivations.decoding(w, params, dtype, batch, s.size(2), s.size(3)),
          (store, activations) -> {
            VaeWeights weights = VaeWeights.decoder(params, source, store);
            HostTensor pixels =
                new VaeDecoder(backend, weights, probe).decode(latents.to(dtype), activations);
            return LatentPacker.channelsFirst(pixels);
          });
    }

    Posterior encode(HostTensor pixels, StageProbe probe) {
      Shape s = pixels.shape();
      return inWorkspace(
          w -> VaeActivations.encoding(w, params, dtype, s.size(0), s.size(2), s.size(3)),
          (store, activations) -> {
            VaeWeights weights = VaeWeights.encoder(params, source, store);
            return new VaeEncoder(backend, weights, probe).encode(pixels.to(dtype), activations);
          });
    }

    private <T> T inWorkspace(
        Function<Workspace, VaeActivations> layout,
        BiFunction<WeightStore, VaeActivations, T> work) {
      long bytes = WorkspacePlan.bytes(w -> assertThat(layout.apply(w)).isNotNull());
      try (WeightStore store = backend.weights(dtype);
          Workspace workspace = backend.workspace(bytes)) {
        VaeActivations activations = layout.apply(workspace);
        assertThat(workspace.peakBytes()).isEqualTo(bytes);
        return work.apply(store, activations);
      }
    }
  }
}
