package dev.fluxgate.gateway.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.TestPng;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputStoreTest {
  private static final int BYTES = 100;

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keepsWhatAJobHoldsAndDropsTheIdleOldest(boolean onDisk, @TempDir Path folder) {
    InputStore store = store(onDisk ? new DirectoryInputBytes(folder) : new HeapInputBytes());
    InputRef held = put(store, 1);
    assertThat(store.hold(List.of(held))).isEmpty();
    InputRef idle = put(store, 2);
    InputRef newest = put(store, 3);

    assertThat(store.read(idle)).isEmpty();
    assertThat(store.read(held)).contains(file(1));
    assertThat(store.read(newest)).contains(file(3));
    assertThat(store.bytes()).isEqualTo(2 * BYTES);
  }

  @Test
  void refusesWhatFindsNoRoomBesideWhatIsHeld() {
    InputStore store = store(new HeapInputBytes());
    List<InputRef> held = List.of(put(store, 1), put(store, 2));
    assertThat(store.hold(held)).isEmpty();

    assertThatExceptionOfType(InputStoreFullException.class)
        .isThrownBy(() -> put(store, 3))
        .withMessage(
            "input: 100 bytes beside 200 that are in use (expected: at most 250 together)");

    store.release(held);
    assertThat(store.read(put(store, 3))).contains(file(3));
  }

  @Test
  void holdsAllOrNothing() {
    InputStore store = store(new HeapInputBytes());
    InputRef there = put(store, 1);
    InputRef missing = new InputRef(ByteString.copyFromUtf8("missing"));

    assertThat(store.hold(List.of(there, missing))).containsExactly(missing);
    put(store, 2);
    put(store, 3);
    assertThat(store.read(there)).isEmpty();
  }

  @Test
  void forgetsWhatLayIdleForLong() {
    InputStore store = store(new HeapInputBytes());
    InputRef old = put(store, 1);
    now.set(now.get().plus(Duration.ofHours(2)));
    put(store, 2);

    assertThat(store.describe(old)).isEmpty();
  }

  @Test
  void leavesNoFileOfAnEarlierProcess(@TempDir Path folder) {
    InputRef ref = put(store(new DirectoryInputBytes(folder)), 1);
    assertThat(Stream.of(folder.toFile().list())).containsExactly(ref + ".input");

    assertThat(new DirectoryInputBytes(folder).find(ref)).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  private InputStore store(InputBytes bytes) {
    return new InputStore(bytes, new InputStore.Limits(250, 150, Duration.ofHours(1)), now::get);
  }

  private static ByteString file(int width) {
    return TestPng.of(width, 1, BYTES);
  }

  private static InputRef put(InputStore store, int width) {
    InputReceiver receiver = InputReceiver.picture(BYTES, null, store.maxInputBytes());
    receiver.accept(file(width));
    InputReceiver.Received received = receiver.finish();
    store.put(received.input(), received.bytes());
    return received.input().ref();
  }
}
