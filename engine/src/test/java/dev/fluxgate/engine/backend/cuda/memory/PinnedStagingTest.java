package dev.fluxgate.engine.backend.cuda.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.cuda.driver.CudaContext;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda;
import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@NeedsCuda(fake = true)
final class PinnedStagingTest {
  private static final int BUFFER = 1024;

  private CudaContext context;
  private PinnedStaging staging;
  private long address;

  @BeforeEach
  void open() {
    context = CudaContext.open(0);
    staging = new PinnedStaging(context, BUFFER);
    address = context.allocate(64 << 10);
  }

  @AfterEach
  void close() {
    context.free(address);
    staging.close();
    context.close();
  }

  @Test
  void carriesArraysOfAnySize() {
    for (int bytes :
        new int[] {0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 2 * BUFFER, 10 * BUFFER + 7}) {
      roundTrip(new DeviceRows(address, 1, bytes, bytes), 1);
    }
  }

  @Test
  void takesNoMoreMemoryHoweverMuchPasses() {
    long objects = FakeCuda.liveObjects();
    roundTrip(new DeviceRows(address, 1, 60_000, 60_000), 1);
    assertThat(FakeCuda.liveObjects()).isEqualTo(objects);
    assertThat(FakeCuda.liveAllocations()).isEqualTo(1);
  }

  @Test
  void carriesSpacedRowsAndLeavesWhatLiesBetween() {
    byte[] background = random(40 * 120);
    upload(new DeviceRows(address, 1, background.length, background.length), 1, background);
    roundTrip(new DeviceRows(address + 16, 40, 100, 120), 1);
    byte[] all = download(new DeviceRows(address, 1, background.length, background.length));
    for (int i = 0; i < all.length; i++) {
      if ((i + 120 - 16) % 120 >= 100 || i < 16) {
        assertThat(all[i]).isEqualTo(background[i]);
      }
    }
  }

  @Test
  void carriesSpacedRowsLongerThanABuffer() {
    roundTrip(new DeviceRows(address, 5, 3 * BUFFER + 1, 3 * BUFFER + 64), 1);
  }

  @Test
  void asksForWholeSteps() {
    List<Long> pieces = new ArrayList<>();
    staging.upload(
        new DeviceRows(address, 1, 3000, 3000),
        300,
        (offset, target) -> {
          assertThat(offset % 300).isZero();
          pieces.add(target.byteSize());
        });
    assertThat(pieces).containsExactly(900L, 900L, 900L, 300L);
    context.synchronize();
  }

  @Test
  void refusesAStepLongerThanABuffer() {
    DeviceRows rows = new DeviceRows(address, 1, 4000, 4000);
    assertThatThrownBy(() -> staging.upload(rows, 2000, (_, _) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2000 bytes")
        .hasMessageContaining("1024");
  }

  private void roundTrip(DeviceRows rows, long step) {
    byte[] values = random((int) rows.byteSize());
    upload(rows, step, values);
    assertThat(download(rows)).isEqualTo(values);
  }

  private void upload(DeviceRows rows, long step, byte[] values) {
    staging.upload(
        rows,
        step,
        (offset, target) ->
            MemorySegment.copy(
                values, (int) offset, target, JAVA_BYTE, 0, (int) target.byteSize()));
  }

  private byte[] download(DeviceRows rows) {
    byte[] values = new byte[(int) rows.byteSize()];
    staging.download(
        rows,
        (offset, source) ->
            MemorySegment.copy(
                source, JAVA_BYTE, 0, values, (int) offset, (int) source.byteSize()));
    return values;
  }

  private static byte[] random(int bytes) {
    byte[] values = new byte[bytes];
    new Random(bytes).nextBytes(values);
    return values;
  }
}
