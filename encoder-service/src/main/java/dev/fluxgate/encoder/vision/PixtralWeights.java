package dev.fluxgate.encoder.vision;

import dev.fluxgate.encoder.model.DecoderLayer;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The weights of tower and projector (models spec §5.1.6, §5.1.8).
 *
 * @param patch pixels of a patch → D, (D, 3·p·p)
 * @param first norm in front of the layers, (D)
 * @param layers of the tower
 * @param projectorNorm (D)
 * @param merge the patches of a cell, one behind the other → D, (D, m·m·D)
 * @param in (Dt, D)
 * @param out (Dt, Dt)
 */
record PixtralWeights(
    Weight.Linear patch,
    Weight.Vector first,
    List<DecoderLayer> layers,
    Weight.Vector projectorNorm,
    Weight.Linear merge,
    Weight.Linear in,
    Weight.Linear out) {

  /** Whether a checkpoint holds a tower, in either spelling. */
  static boolean areIn(TensorSource source) {
    return source.has(prefix(source) + "vision_tower.patch_conv.weight");
  }

  static PixtralWeights read(TensorSource source, PixtralParams params, WeightStore store) {
    Reader reader = new Reader(source, params, store);
    String tower = prefix(source) + "vision_tower.";
    String projector = prefix(source) + "multi_modal_projector.";
    int hidden = params.layer().hidden();
    int side = params.patchSize();
    HostTensor filter =
        source.tensor(tower + "patch_conv.weight", hidden, PixtralParams.CHANNELS, side, side);
    return new PixtralWeights(
        store.linear(filter.reshape(hidden, params.patchWidth()), null),
        reader.vector(tower + "ln_pre.weight", hidden),
        IntStream.range(0, params.layers())
            .mapToObj(i -> reader.layer(tower + "transformer.layers." + i + "."))
            .toList(),
        reader.vector(projector + "norm.weight", hidden),
        store.linear(reader.merge(projector + "patch_merger.merging_layer.weight"), null),
        reader.matrix(projector + "linear_1.weight", params.textSize(), hidden),
        reader.matrix(projector + "linear_2.weight", params.textSize(), params.textSize()));
  }

  private static String prefix(TensorSource source) {
    return source.has("model.vision_tower.patch_conv.weight") ? "model." : "";
  }

  private record Reader(TensorSource source, PixtralParams params, WeightStore store) {
    DecoderLayer layer(String name) {
      int hidden = params.layer().hidden();
      int inner = params.layer().inner();
      DecoderLayer.Weights weights =
          new DecoderLayer.Weights(
              vector(name + "attention_norm.weight", hidden),
              matrix(name + "attention.q_proj.weight", hidden, hidden),
              matrix(name + "attention.k_proj.weight", hidden, hidden),
              matrix(name + "attention.v_proj.weight", hidden, hidden),
              null,
              null,
              matrix(name + "attention.o_proj.weight", hidden, hidden),
              vector(name + "ffn_norm.weight", hidden),
              matrix(name + "feed_forward.gate_proj.weight", inner, hidden),
              matrix(name + "feed_forward.up_proj.weight", inner, hidden),
              matrix(name + "feed_forward.down_proj.weight", hidden, inner));
      return new DecoderLayer(weights, PixtralParams.EPS);
    }

    /** Stored feature by feature, m·m neighbours each; wanted neighbour by neighbour. */
    HostTensor merge(String name) {
      int hidden = params.layer().hidden();
      int neighbours = params.mergeSize() * params.mergeSize();
      HostTensor stored = source.tensor(name, hidden, (long) hidden * neighbours);
      HostTensor wanted =
          HostTensor.zeros(stored.dtype(), Shape.of(hidden, (long) hidden * neighbours));
      long bytes = stored.dtype().bytes(1);
      MemorySegment from = stored.data();
      for (long row = 0; row < hidden; row++) {
        long start = row * hidden * neighbours;
        for (long feature = 0; feature < hidden; feature++) {
          for (long k = 0; k < neighbours; k++) {
            long source = (start + feature * neighbours + k) * bytes;
            long target = (start + k * hidden + feature) * bytes;
            MemorySegment.copy(from, source, wanted.data(), target, bytes);
          }
        }
      }
      return wanted;
    }

    Weight.Vector vector(String name, int size) {
      return store.vector(source.tensor(name, size));
    }

    Weight.Linear matrix(String name, int out, int in) {
      return store.linear(source.tensor(name, out, in), null);
    }
  }
}
