package dev.fluxgate.denoiser.transformer.flux1;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.denoiser.testing.TestedBackend;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.MissingWeightException;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.checkpoint.WeightShapeException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.testing.GoldenCase;
import java.nio.file.Path;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Flux1WeightsTest {
  private static final Path MODEL = GoldenCase.all("flux1-transformer").getFirst().model();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x_embedder.bias",
        "time_text_embed.text_embedder.linear_1.weight",
        "time_text_embed.guidance_embedder.linear_2.bias",
        "transformer_blocks.0.norm1_context.linear.weight",
        "transformer_blocks.0.attn.norm_added_k.weight",
        "transformer_blocks.0.ff.net.0.proj.bias",
        "single_transformer_blocks.0.proj_mlp.weight",
        "norm_out.linear.bias"
      })
  void namesTheWeightThatIsMissing(String name) {
    assertThatThrownBy(loading(name, null))
        .isInstanceOf(MissingWeightException.class)
        .hasMessageStartingWith(MODEL.getFileName() + ": ")
        .hasMessageContaining(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "context_embedder.weight",
        "transformer_blocks.0.attn.to_q.bias",
        "single_transformer_blocks.0.proj_out.weight",
        "norm_out.linear.weight"
      })
  void namesTheWeightOfAnotherShape(String name) {
    HostTensor other = HostTensor.zeros(DType.F32, Shape.of(3, 5));

    assertThatThrownBy(loading(name, other))
        .isInstanceOf(WeightShapeException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("[3, 5]");
  }

  private static ThrowingCallable loading(String name, @Nullable HostTensor instead) {
    return () -> {
      try (Backend backend = TestedBackend.REFERENCE.open();
          Checkpoint checkpoint = Checkpoint.open(MODEL);
          WeightStore store = backend.weights(DType.F32)) {
        Flux1Params params = Flux1Params.of(ConfigJson.read(MODEL.resolve("config.json")));
        Flux1Weights.load(params, new Changed(checkpoint, name, instead), store);
      }
    };
  }

  /** A checkpoint with another tensor, or none, under one name. */
  private record Changed(TensorSource source, String name, @Nullable HostTensor instead)
      implements TensorSource {

    @Override
    public @Nullable HostTensor find(String name) {
      return name.equals(this.name) ? instead : source.find(name);
    }

    @Override
    public Set<String> names() {
      return source.names();
    }

    @Override
    public String origin() {
      return source.origin();
    }
  }
}
