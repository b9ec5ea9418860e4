package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.OpShapes;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.cpu.onednn.Descriptor;
import dev.fluxgate.engine.backend.cpu.onednn.NativeScope;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnEngine;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.backend.cpu.onednn.Primitive;
import dev.fluxgate.engine.backend.cpu.vector.Conversion;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Weights in native memory. A matrix is cut into panels of outputs, one for each thread, and every
 * panel is packed by itself, so that threads share no bytes of it. What was packed from a mapped
 * file leaves memory there, lest a model take twice its size.
 */
final class CpuWeights implements WeightStore {
  /** Outputs of a panel are a multiple of this, the widest block of the packed layouts. */
  private static final int PANEL_STEP = 64;

  private final CpuResources resources;
  private final PlacementPolicy policy;
  private final DType computeType;
  private final OneDnnType type;
  private final NativeScope scope;
  private long residentBytes;
  private boolean closed;

  CpuWeights(CpuResources resources, PlacementPolicy policy, DType computeType) {
    this.resources = resources;
    this.policy = policy;
    this.computeType = computeType;
    this.type = OneDnnType.of(computeType);
    this.scope = resources.engine().scope();
  }

  @Override
  public DType computeType() {
    return computeType;
  }

  @Override
  public Weight.Linear linear(HostTensor weight, @Nullable HostTensor bias) {
    OpShapes.linearWeight(weight, bias);
    requireOpen();
    int outputs = weight.shape().size(0);
    int inputs = weight.shape().size(1);
    long biasAddress = bias == null ? 0 : converted(bias);
    boolean inPlace =
        isUsableInPlace(weight)
            && policy.place(resources.weightBytes(), computeType.bytes(weight.shape().count()))
                == WeightPlacement.MAPPED;
    long before = residentBytes;
    List<CpuWeight.Panel> panels = panels(outputs, inputs, inPlace, weight, biasAddress);
    if (!inPlace) {
      pack(weight, panels);
      weight.unload();
    }
    return new CpuWeight.Linear(inputs, outputs, type, panels, residentBytes - before);
  }

  private List<CpuWeight.Panel> panels(
      int outputs, int inputs, boolean inPlace, HostTensor weight, long bias) {
    int workers = resources.partition().workers();
    int width = Math.ceilDiv(Math.ceilDiv(outputs, workers), PANEL_STEP) * PANEL_STEP;
    List<CpuWeight.Panel> panels = new ArrayList<>();
    for (int first = 0; first < outputs; first += width) {
      int count = Math.min(width, outputs - first);
      WeightLayouts layouts = resources.layouts();
      Descriptor layout =
          inPlace ? layouts.plain(type, count, inputs) : layouts.packed(type, count, inputs);
      long address =
          inPlace
              ? weight.data().address() + (long) first * inputs * type.bytes()
              : allocate(layout.bytes()).address();
      panels.add(
          new CpuWeight.Panel(
              first, count, layout, address, bias == 0 ? 0 : bias + (long) first * type.bytes()));
    }
    return List.copyOf(panels);
  }

  private record PackKey(OneDnnType type, int outputs, int inputs, int kernel) {}

  /** Fills the packed panels, each on a thread of its own. */
  private void pack(HostTensor weight, List<CpuWeight.Panel> panels) {
    int inputs = weight.shape().size(1);
    resources.primitives().beginOp();
    List<Primitive> reorders = panels.stream().map(panel -> reorder(panel, inputs)).toList();
    try (NativeScope temporary = resources.engine().scope()) {
      boolean direct = isUsableInPlace(weight);
      long[] sources = new long[panels.size()];
      MemorySegment[] staging = new MemorySegment[panels.size()];
      for (int i = 0; i < sources.length; i++) {
        HostTensor part = weight.slice(panels.get(i).first(), panels.get(i).outputs());
        if (!direct) {
          staging[i] = temporary.allocate(computeType.bytes(part.shape().count()));
        }
        sources[i] = direct ? part.data().address() : staging[i].address();
      }
      OneDnnEngine.ownCurrentThread();
      resources
          .partition()
          .run(
              panels.size(),
              (worker, i) -> {
                CpuWeight.Panel panel = panels.get(i);
                if (!direct) {
                  Conversion.convert(
                      weight.slice(panel.first(), panel.outputs()), computeType, staging[i]);
                }
                reorders.get(i).execute(worker, sources[i], panel.address());
              });
    }
  }

  private Primitive reorder(CpuWeight.Panel panel, int inputs) {
    PackKey key = new PackKey(type, panel.outputs(), inputs, 1);
    return resources
        .primitives()
        .get(
            key,
            () ->
                resources
                    .engine()
                    .reorder(
                        resources.layouts().plain(type, panel.outputs(), inputs),
                        panel.layout(),
                        key));
  }

  @Override
  public Weight.Convolution convolution(HostTensor filter, @Nullable HostTensor bias) {
    OpShapes.convolutionWeight(filter, bias);
    requireOpen();
    int outputs = filter.shape().size(0);
    int inputs = filter.shape().size(1);
    int kernel = filter.shape().size(2);
    long before = residentBytes;
    Descriptor layout = resources.layouts().packedFilter(type, outputs, inputs, kernel);
    long biasAddress = bias == null ? 0 : converted(bias);
    CpuWeight.Panel panel =
        new CpuWeight.Panel(0, outputs, layout, allocate(layout.bytes()).address(), biasAddress);
    PackKey key = new PackKey(type, outputs, inputs, -kernel);
    resources.primitives().beginOp();
    Primitive reorder =
        resources
            .primitives()
            .get(
                key,
                () ->
                    resources
                        .engine()
                        .reorder(
                            resources.layouts().plainFilter(type, outputs, inputs, kernel),
                            layout,
                            key));
    try (NativeScope temporary = resources.engine().scope()) {
      MemorySegment staging = temporary.allocate(computeType.bytes(filter.shape().count()));
      Conversion.convert(filter, computeType, staging);
      OneDnnEngine.ownCurrentThread();
      reorder.execute(0, staging.address(), panel.address());
    }
    filter.unload();
    return new CpuWeight.Convolution(inputs, outputs, kernel, type, panel, residentBytes - before);
  }

  @Override
  public Weight.Embedding embedding(HostTensor table) {
    OpShapes.embeddingWeight(table);
    requireOpen();
    return new CpuWeight.Embedding(table, computeType);
  }

  @Override
  public Weight.Vector vector(HostTensor values) {
    OpShapes.vectorWeight(values);
    requireOpen();
    HostTensor rounded = HostTensor.zeros(computeType, values.shape());
    Conversion.convert(values, computeType, rounded.data());
    CpuWeight.Vector vector = new CpuWeight.Vector(rounded.toFloats());
    keep(vector.residentBytes());
    return vector;
  }

  @Override
  public long residentBytes() {
    return residentBytes;
  }

  @Override
  public void close() {
    closed = true;
    resources.addWeightBytes(-residentBytes);
    residentBytes = 0;
    scope.close();
  }

  private boolean isUsableInPlace(HostTensor weight) {
    return weight.dtype() == computeType
        && weight.data().isNative()
        && weight.data().address() % type.bytes() == 0;
  }

  private long converted(HostTensor values) {
    MemorySegment target = allocate(computeType.bytes(values.shape().count()));
    Conversion.convert(values, computeType, target);
    return target.address();
  }

  private MemorySegment allocate(long bytes) {
    MemorySegment block = scope.allocate(bytes);
    keep(block.byteSize());
    return block;
  }

  private void keep(long bytes) {
    residentBytes += bytes;
    resources.addWeightBytes(bytes);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("weight store: closed (expected: open)");
    }
  }
}
