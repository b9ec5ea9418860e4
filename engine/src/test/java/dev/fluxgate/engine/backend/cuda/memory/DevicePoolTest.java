package dev.fluxgate.engine.backend.cuda.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.cuda.driver.CudaContext;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda;
import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@NeedsCuda(fake = true)
final class DevicePoolTest {
  private final DeviceLedger ledger = new DeviceLedger();
  private CudaContext context;
  private DevicePool pool;

  @BeforeEach
  void open() {
    context = CudaContext.open(0);
    pool = new DevicePool(context, ledger);
  }

  @AfterEach
  void close() {
    pool.trim();
    context.close();
  }

  @Test
  void takesFewBytesExactlyAndManyInPages() {
    assertThat(DevicePool.capacity(0)).isEqualTo(512);
    assertThat(DevicePool.capacity(513)).isEqualTo(1024);
    assertThat(DevicePool.capacity((1 << 20) - 1)).isEqualTo(1 << 20);
    assertThat(DevicePool.capacity(1 << 20)).isEqualTo(2 << 20);
    assertThat(DevicePool.capacity((2 << 20) + 1)).isEqualTo(4 << 20);
  }

  @Test
  void usesABlockAgainForTheSameCapacity() {
    DeviceBlock first = pool.acquire(1000);
    pool.release(first);
    DeviceBlock again = pool.acquire(600);
    assertThat(again.address()).isEqualTo(first.address());
    assertThat(again.byteSize()).isEqualTo(600);
    DeviceBlock other = pool.acquire(600);
    assertThat(other.address()).isNotEqualTo(first.address());
    assertThat(ledger.allocations()).isEqualTo(2);
    pool.release(again);
    pool.release(other);
  }

  @Test
  void countsWhatIsInUseAndWhatIsKept() {
    DeviceBlock block = pool.acquire(1000);
    assertThat(ledger.liveBlocks()).isEqualTo(1);
    assertThat(ledger.liveBytes()).isEqualTo(1024);
    assertThat(FakeCuda.liveBytes()).isEqualTo(1024);
    pool.release(block);
    assertThat(ledger.liveBytes()).isZero();
    assertThat(ledger.pooledBytes()).isEqualTo(1024);
    assertThat(FakeCuda.liveAllocations()).isEqualTo(1);
    pool.trim();
    assertThat(ledger.pooledBytes()).isZero();
    assertThat(FakeCuda.liveAllocations()).isZero();
  }
}
