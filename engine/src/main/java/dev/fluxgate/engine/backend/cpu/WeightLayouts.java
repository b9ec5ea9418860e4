package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.cpu.onednn.Descriptor;
import dev.fluxgate.engine.backend.cpu.onednn.NativeScope;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnEngine;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.backend.cpu.onednn.Operands;
import dev.fluxgate.engine.backend.cpu.onednn.Window;
import java.util.HashMap;
import java.util.Map;

/**
 * Layouts of weights, one for all weights of a shape. They live as long as the back end, so that
 * cached primitives may name a layout by its address.
 */
final class WeightLayouts implements AutoCloseable {
  /** Rows for which a packed layout is chosen; it serves every other number of rows too. */
  private static final int TYPICAL_ROWS = 256;

  /** Height and width of the picture for which the layout of a filter is chosen. */
  private static final int TYPICAL_SIZE = 64;

  private final OneDnnEngine engine;
  private final NativeScope scope;
  private final Map<Object, Descriptor> layouts = new HashMap<>();

  WeightLayouts(OneDnnEngine engine) {
    this.engine = engine;
    scope = engine.scope();
  }

  private record Plain(OneDnnType type, int outputs, int inputs) {}

  private record Packed(OneDnnType type, int outputs, int inputs) {}

  private record PlainFilter(OneDnnType type, int outputs, int inputs, int kernel) {}

  private record PackedFilter(OneDnnType type, int outputs, int inputs, int kernel) {}

  /** (outputs, inputs) row-major, as stored, seen as the (inputs, outputs) factor of a product. */
  Descriptor plain(OneDnnType type, int outputs, int inputs) {
    return layouts.computeIfAbsent(
        new Plain(type, outputs, inputs),
        key -> scope.strided(type, new long[] {inputs, outputs}, new long[] {1, inputs}));
  }

  /** The layout that the product likes best. */
  Descriptor packed(OneDnnType type, int outputs, int inputs) {
    return layouts.computeIfAbsent(
        new Packed(type, outputs, inputs),
        key -> {
          try (NativeScope temporary = engine.scope()) {
            Descriptor source = temporary.matrix(type, TYPICAL_ROWS, inputs, inputs);
            Descriptor weights = temporary.anyLayout(type, inputs, outputs);
            Descriptor result = temporary.matrix(type, TYPICAL_ROWS, outputs, outputs);
            return engine.matmulWeights(scope, Operands.plain(source, weights, result), key);
          }
        });
  }

  /** (outputs, inputs, kernel, kernel) row-major, as stored. */
  Descriptor plainFilter(OneDnnType type, int outputs, int inputs, int kernel) {
    return layouts.computeIfAbsent(
        new PlainFilter(type, outputs, inputs, kernel),
        key -> {
          long taps = (long) kernel * kernel;
          return scope.strided(
              type,
              new long[] {outputs, inputs, kernel, kernel},
              new long[] {inputs * taps, taps, kernel, 1});
        });
  }

  /** The layout that the convolution of pictures with the channels innermost likes best. */
  Descriptor packedFilter(OneDnnType type, int outputs, int inputs, int kernel) {
    return layouts.computeIfAbsent(
        new PackedFilter(type, outputs, inputs, kernel),
        key -> {
          int pad = kernel / 2;
          int size = Math.max(TYPICAL_SIZE, kernel);
          int outSize = new ConvolutionGeometry(1, pad, pad).outputSize(size, kernel);
          try (NativeScope temporary = engine.scope()) {
            Descriptor source = picture(temporary, type, size, size, inputs, inputs);
            Descriptor weights = temporary.anyLayout(type, outputs, inputs, kernel, kernel);
            Descriptor result = picture(temporary, type, outSize, outSize, outputs, outputs);
            return engine.convolutionWeights(
                scope,
                Operands.plain(source, weights, result),
                new Window(1, pad, pad, pad, pad),
                key);
          }
        });
  }

  /** One picture with the channels innermost, its pixels {@code stride} elements apart. */
  static Descriptor picture(
      NativeScope owner, OneDnnType type, int height, int width, int channels, long stride) {
    return owner.strided(
        type,
        new long[] {1, channels, height, width},
        new long[] {(long) height * width * stride, 1, width * stride, stride});
  }

  @Override
  public void close() {
    layouts.clear();
    scope.close();
  }
}
