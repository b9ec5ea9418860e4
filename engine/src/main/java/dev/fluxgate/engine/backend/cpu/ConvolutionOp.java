package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.cpu.onednn.Descriptor;
import dev.fluxgate.engine.backend.cpu.onednn.NativeScope;
import dev.fluxgate.engine.backend.cpu.onednn.NativeTiles;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnEngine;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.backend.cpu.onednn.Operands;
import dev.fluxgate.engine.backend.cpu.onednn.Primitive;
import dev.fluxgate.engine.backend.cpu.onednn.Window;
import dev.fluxgate.engine.backend.cpu.vector.EpiloguePass;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions of pictures with the channels innermost. The output is cut into bands of rows, one
 * for each thread; a band reads the rows of the input that it needs and is padded only where it
 * touches the border of the picture.
 */
final class ConvolutionOp {
  /** Multiplications below which another thread costs more than it saves. */
  private static final long SMALL = 1 << 20;

  /** Bytes of a band that waits for its residual on a tile, unless one line of it has more. */
  private static final long TILE_BYTES = 4 << 20;

  private final CpuResources resources;

  ConvolutionOp(CpuResources resources) {
    this.resources = resources;
  }

  /** What a compiled convolution depends on; the layout of the filter by its address. */
  private record Key(
      Sides sides, FusedSteps.Key steps, long layout, int inRows, int outRows, Window window) {}

  /** What all bands of one call have in common. */
  private record Sides(
      OneDnnType type,
      OneDnnType outType,
      int inWidth,
      int outWidth,
      boolean bias,
      long inStride,
      long outStride) {}

  /** Rows of one output picture and the rows of the input that they need. */
  private record Band(int picture, int inRow, int outRow, int rows, Primitive primitive) {}

  private record Call(
      Tensor x,
      CpuWeight.Panel filter,
      FusedSteps steps,
      @Nullable EpiloguePass pass,
      NativeTiles tiles,
      Tensor out,
      List<Band> bands) {

    void run(int worker, int index) {
      Band band = bands.get(index);
      long inPixel = pixel(x, band.picture, band.inRow);
      long outPixel = pixel(out, band.picture, band.outRow);
      boolean bias = filter.bias() != 0;
      long[] addresses = new long[(bias ? 4 : 3) + steps.operands()];
      int next = 0;
      addresses[next++] = TensorAddress.of(x, inPixel, 0);
      addresses[next++] = filter.address();
      if (bias) {
        addresses[next++] = filter.bias();
      }
      boolean onTile = isOnTile(pass);
      addresses[next++] = onTile ? tiles.of(worker).address() : TensorAddress.of(out, outPixel, 0);
      steps.addresses(outPixel, 0, addresses, next);
      band.primitive.execute(worker, addresses);
      if (pass != null) {
        int pixels = band.rows * out.shape().size(2);
        var done = new EpiloguePass.Piece((int) outPixel, pixels, 0, out.columns());
        if (onTile) {
          pass.finish(worker, done, tiles.of(worker));
        } else {
          pass.finish(worker, done);
        }
      }
    }

    private static long pixel(Tensor tensor, int picture, int row) {
      return ((long) picture * tensor.shape().dim(1) + row) * tensor.shape().dim(2);
    }
  }

  void run(
      Tensor x,
      CpuWeight.Convolution filter,
      ConvolutionGeometry geometry,
      Epilogue epilogue,
      Tensor out) {
    OneDnnType type = OneDnnType.of(x.dtype());
    if (type != filter.type()) {
      throw new IllegalArgumentException(
          "convolve: x of " + type + " (expected: " + filter.type() + " as the filter)");
    }
    if (out.rows() == 0) {
      return;
    }
    FusedSteps steps = FusedSteps.of(epilogue, out);
    EpiloguePass pass = resources.pass(epilogue, out);
    resources.primitives().beginOp();
    List<Band> bands = bands(x, filter, geometry, steps.key(), out, isOnTile(pass));
    Call call = new Call(x, filter.filter(), steps, pass, resources.tiles(), out, bands);
    OneDnnEngine.ownCurrentThread();
    long taps = (long) filter.kernelSize() * filter.kernelSize() * filter.inChannels();
    if (taps * out.shape().count() < SMALL) {
      for (int i = 0; i < call.bands.size(); i++) {
        call.run(0, i);
      }
    } else {
      resources.partition().run(call.bands.size(), call::run);
    }
  }

  private List<Band> bands(
      Tensor x,
      CpuWeight.Convolution filter,
      ConvolutionGeometry geometry,
      FusedSteps.Key steps,
      Tensor out,
      boolean onTiles) {
    Sides sides =
        new Sides(
            OneDnnType.of(x.dtype()),
            OneDnnType.of(out.dtype()),
            x.shape().size(2),
            out.shape().size(2),
            filter.filter().bias() != 0,
            x.rowStride(),
            onTiles ? out.columns() : out.rowStride());
    int inHeight = x.shape().size(1);
    int outHeight = out.shape().size(1);
    int count = Math.min(resources.partition().workers(), outHeight);
    if (onTiles) {
      count = onTiles(out, count);
    }
    List<Band> bands = new ArrayList<>();
    for (int i = 0; i < x.shape().size(0) * count; i++) {
      int from = (int) ((long) outHeight * (i % count) / count);
      int to = (int) ((long) outHeight * (i % count + 1) / count);
      int start = from * geometry.stride() - geometry.padBefore();
      int end = (to - 1) * geometry.stride() - geometry.padBefore() + filter.kernelSize();
      int firstRow = Math.max(start, 0);
      Window window =
          new Window(
              geometry.stride(),
              firstRow - start,
              geometry.padBefore(),
              Math.max(end - inHeight, 0),
              geometry.padAfter());
      int inRows = Math.min(end, inHeight) - firstRow;
      long layout = filter.filter().layout().handle().address();
      Key key = new Key(sides, steps, layout, inRows, to - from, window);
      Primitive primitive = resources.primitives().get(key, () -> compile(key, filter));
      bands.add(new Band(i / count, firstRow, from, to - from, primitive));
    }
    return bands;
  }

  private static boolean isOnTile(@Nullable EpiloguePass pass) {
    return pass != null && pass.isOnTiles();
  }

  /** Takes tiles for the bands of an output, which become as many as fit; gives their number. */
  private int onTiles(Tensor out, int atLeast) {
    int height = out.shape().size(1);
    long lineBytes = out.dtype().bytes((long) out.shape().size(2) * out.columns());
    int lines = (int) Math.max(TILE_BYTES / lineBytes, 1);
    int count = Math.max(atLeast, Math.ceilDiv(height, lines));
    resources.tiles().reserve(Math.ceilDiv(height, count) * lineBytes);
    return count;
  }

  private Primitive compile(Key key, CpuWeight.Convolution filter) {
    Sides sides = key.sides();
    int channels = filter.outChannels();
    try (NativeScope scope = resources.engine().scope()) {
      Descriptor source =
          WeightLayouts.picture(
              scope,
              sides.type(),
              key.inRows(),
              sides.inWidth(),
              filter.inChannels(),
              sides.inStride());
      Operands operands =
          new Operands(
              source,
              filter.filter().layout(),
              sides.bias()
                  ? scope.strided(sides.type(), new long[] {channels}, new long[] {1})
                  : null,
              result(scope, key, sides.outType(), channels, sides.outStride()),
              FusedSteps.postOps(
                  key.steps(),
                  type -> result(scope, key, type, channels, channels),
                  (type, stride) -> result(scope, key, type, channels, stride)));
      return resources.engine().convolution(operands, key.window(), key);
    }
  }

  private static Descriptor result(
      NativeScope scope, Key key, OneDnnType type, int channels, long stride) {
    return WeightLayouts.picture(
        scope, type, key.outRows(), key.sides().outWidth(), channels, stride);
  }
}
