package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.cpu.onednn.NativeTiles;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnEngine;
import dev.fluxgate.engine.backend.cpu.vector.EpiloguePass;
import dev.fluxgate.engine.backend.cpu.vector.RowBuffers;
import dev.fluxgate.engine.backend.cpu.vector.RowPartition;
import dev.fluxgate.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** What all ops of one back end share; owned by the back end. */
final class CpuResources implements AutoCloseable {
  private final OneDnnEngine engine;
  private final RowPartition partition;
  private final RowBuffers buffers;
  private final NativeTiles tiles;
  private final PrimitiveCache primitives;
  private final WeightLayouts layouts;
  private long weightBytes;

  CpuResources(int threads) {
    engine = new OneDnnEngine(threads);
    partition = new RowPartition(threads, OneDnnEngine::ownCurrentThread);
    buffers = new RowBuffers(threads);
    tiles = new NativeTiles(engine, threads);
    primitives = new PrimitiveCache(PrimitiveCache.DEFAULT_CAPACITY);
    layouts = new WeightLayouts(engine);
  }

  OneDnnEngine engine() {
    return engine;
  }

  RowPartition partition() {
    return partition;
  }

  RowBuffers buffers() {
    return buffers;
  }

  /** The pass over its result that a product with {@code epilogue} needs, if any. */
  @Nullable EpiloguePass pass(Epilogue epilogue, Tensor out) {
    if (!EpiloguePass.isNeeded(epilogue, out)) {
      return null;
    }
    float[] bias =
        epilogue instanceof Epilogue.AddBias(Weight.Vector values)
            ? CpuWeight.own(values, CpuWeight.Vector.class).values
            : new float[0];
    return new EpiloguePass(epilogue, out, bias, buffers);
  }

  /** Where products wait for a pass over them. */
  NativeTiles tiles() {
    return tiles;
  }

  PrimitiveCache primitives() {
    return primitives;
  }

  WeightLayouts layouts() {
    return layouts;
  }

  /** Native bytes of all weights that are open. */
  long weightBytes() {
    return weightBytes;
  }

  /** Tells of weights taken, or given back if negative. */
  void addWeightBytes(long bytes) {
    weightBytes += bytes;
  }

  /** Ends the threads first, so that none works on what is freed. */
  @Override
  public void close() {
    partition.close();
    primitives.close();
    layouts.close();
    tiles.close();
    engine.close();
  }
}
