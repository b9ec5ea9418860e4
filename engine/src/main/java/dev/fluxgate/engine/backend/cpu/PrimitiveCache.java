package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.cpu.onednn.Primitive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Compiled ops by what they were compiled for, the least recently used leaving first. Compiling one
 * takes a millisecond, finding it here tenths of a microsecond; sizes change from job to job, hence
 * the bound.
 *
 * <p>One op looks up all its primitives before it runs any, so one that leaves is freed only when
 * the next op begins.
 */
final class PrimitiveCache implements AutoCloseable {
  static final int DEFAULT_CAPACITY = 512;

  private static final float LOAD_FACTOR = 0.75f;

  private final Map<Object, Primitive> primitives = new LinkedHashMap<>(16, LOAD_FACTOR, true);
  private final List<Primitive> retired = new ArrayList<>();
  private final int capacity;

  PrimitiveCache(int capacity) {
    this.capacity = capacity;
  }

  /** Frees what left during the last op. */
  void beginOp() {
    if (!retired.isEmpty()) {
      retired.forEach(Primitive::close);
      retired.clear();
    }
  }

  /** The primitive of {@code key}, a value that describes it fully; made now if need be. */
  Primitive get(Object key, Supplier<Primitive> maker) {
    Primitive known = primitives.get(key);
    if (known != null) {
      return known;
    }
    Primitive made = maker.get();
    primitives.put(key, made);
    if (primitives.size() > capacity) {
      var eldest = primitives.entrySet().iterator();
      retired.add(eldest.next().getValue());
      eldest.remove();
    }
    return made;
  }

  int size() {
    return primitives.size();
  }

  @Override
  public void close() {
    beginOp();
    primitives.values().forEach(Primitive::close);
    primitives.clear();
  }
}
