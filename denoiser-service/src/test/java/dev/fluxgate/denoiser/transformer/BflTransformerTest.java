package dev.fluxgate.denoiser.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.denoiser.transformer.flux2.Flux2Weights;
import dev.fluxgate.engine.checkpoint.MissingWeightException;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BflTransformerTest {
  private static final HostTensor SIX_ROWS =
      HostTensor.of(DType.F32, Shape.of(6, 1), 0, 1, 2, 3, 4, 5);

  @Test
  void leavesTheLayoutOfDiffusersAlone() {
    TensorSource source = source(Map.of("x_embedder.weight", SIX_ROWS));

    assertThat(BflTransformer.adapt(source)).isSameAs(source);
  }

  @Test
  void cutsFusedProjectionsIntoViewsOfTheirThirds() {
    TensorSource adapted =
        BflTransformer.adapt(
            source(
                Map.of(
                    "img_in.weight", SIX_ROWS, "double_blocks.3.txt_attn.qkv.weight", SIX_ROWS)));

    HostTensor k = adapted.tensor("transformer_blocks.3.attn.add_k_proj.weight", 2, 1);
    assertThat(k.toFloats()).containsExactly(2, 3);
    assertThat(k.data().heapBase()).isEqualTo(SIX_ROWS.data().heapBase());
  }

  @Test
  void exchangesTheHalvesOfTheFinalModulation() {
    TensorSource adapted =
        BflTransformer.adapt(
            source(
                Map.of(
                    "img_in.weight", SIX_ROWS, "final_layer.adaLN_modulation.1.weight", SIX_ROWS)));

    assertThat(adapted.tensor("norm_out.linear.weight", 6, 1).toFloats())
        .containsExactly(3, 4, 5, 0, 1, 2);
  }

  @Test
  void stripsThePrefixAndKnowsBothNamesOfNorms() {
    TensorSource adapted =
        BflTransformer.adapt(
            source(
                Map.of(
                    "model.diffusion_model.img_in.weight", SIX_ROWS,
                    "model.diffusion_model.single_blocks.0.norm.key_norm.weight", SIX_ROWS,
                    "model.diffusion_model.single_blocks.1.norm.query_norm.scale", SIX_ROWS,
                    "vae.encoder.conv_in.weight", SIX_ROWS)));

    assertThat(adapted.names())
        .containsExactlyInAnyOrder(
            "x_embedder.weight",
            "single_transformer_blocks.0.attn.norm_k.weight",
            "single_transformer_blocks.1.attn.norm_q.weight");
  }

  @Test
  void namesTheKeyWithoutWhichNoArchitectureCanBeTold() {
    TensorSource adapted = BflTransformer.adapt(source(Map.of("img_in.weight", SIX_ROWS)));

    assertThatThrownBy(() -> Flux2Weights.params(adapted))
        .isInstanceOf(MissingWeightException.class)
        .hasMessageContaining("flux2.safetensors")
        .hasMessageContaining("context_embedder.weight");
  }

  private static TensorSource source(Map<String, HostTensor> tensors) {
    return new TensorSource() {
      @Override
      public @Nullable HostTensor find(String name) {
        return tensors.get(name);
      }

      @Override
      public Set<String> names() {
        return tensors.keySet();
      }

      @Override
      public String origin() {
        return "flux2.safetensors";
      }
    };
  }
}
