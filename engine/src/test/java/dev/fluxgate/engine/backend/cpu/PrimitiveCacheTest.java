package dev.fluxgate.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.cpu.onednn.Descriptor;
import dev.fluxgate.engine.backend.cpu.onednn.NativeScope;
import dev.fluxgate.engine.backend.cpu.onednn.NeedsOneDnn;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnEngine;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.backend.cpu.onednn.Operands;
import dev.fluxgate.engine.backend.cpu.onednn.Primitive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@NeedsOneDnn
final class PrimitiveCacheTest {
  private final OneDnnEngine engine = new OneDnnEngine(1);
  private final PrimitiveCache cache = new PrimitiveCache(2);

  @AfterEach
  void close() {
    cache.close();
    engine.close();
    assertThat(engine.ledger().live()).isZero();
  }

  @Test
  void givesTheSamePrimitiveForTheSameKey() {
    assertThat(product(8)).isSameAs(product(8));
  }

  @Test
  void keepsNoMoreThanItsCapacity() {
    for (int rows = 1; rows <= 10; rows++) {
      product(rows);
    }
    assertThat(cache.size()).isEqualTo(2);
  }

  @Test
  void letsTheLeastRecentlyUsedGo() {
    Primitive first = product(1);
    product(2);
    product(1);
    product(3);
    assertThat(product(1)).isSameAs(first);
  }

  @Test
  void freesWhatLeftOnlyWhenTheNextOpBegins() {
    product(1);
    long one = engine.ledger().live();
    product(2);
    product(3);
    long three = engine.ledger().live();
    cache.beginOp();
    assertThat(engine.ledger().live()).isBetween(one, three - 1);
  }

  private Primitive product(int rows) {
    return cache.get(
        rows,
        () -> {
          try (NativeScope scope = engine.scope()) {
            Descriptor x = scope.matrix(OneDnnType.F32, rows, 4, 4);
            Descriptor weights = scope.matrix(OneDnnType.F32, 4, 4, 4);
            return engine.matmul(Operands.plain(x, weights, x), "product of " + rows + " rows");
          }
        });
  }
}
