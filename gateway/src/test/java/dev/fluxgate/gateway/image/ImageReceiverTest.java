package dev.fluxgate.gateway.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.TestPng;
import dev.fluxgate.proto.tensor.ContentHash;
import org.junit.jupiter.api.Test;

class ImageReceiverTest {
  private final ByteString png = TestPng.of(64, 32, 3000);

  @Test
  void takesAPictureInRuns() {
    ImageReceiver receiver = new ImageReceiver(announced(png, 64, 32));
    receiver.accept(png.substring(0, 1000));
    receiver.accept(png.substring(1000));

    assertThat(receiver.finish()).isEqualTo(png);
  }

  @Test
  void refusesMoreThanWasAnnounced() {
    ImageReceiver receiver = new ImageReceiver(announced(png, 64, 32));

    assertThatExceptionOfType(ImageCorruptException.class)
        .isThrownBy(() -> receiver.accept(png.concat(png)))
        .withMessageContaining("6000 bytes at 0 (expected: 1..3000)");
  }

  @Test
  void refusesARunAboveOneMebibyte() {
    ByteString big = TestPng.of(64, 32, 3 << 20);
    ImageReceiver receiver = new ImageReceiver(announced(big, 64, 32));

    assertThatExceptionOfType(ImageCorruptException.class)
        .isThrownBy(() -> receiver.accept(big.substring(0, (1 << 20) + 1)))
        .withMessageContaining("(expected: 1..1048576)");
  }

  @Test
  void refusesAFileThatEndsEarly() {
    ImageReceiver receiver = new ImageReceiver(announced(png, 64, 32));
    receiver.accept(png.substring(0, 1000));

    assertThatExceptionOfType(ImageCorruptException.class)
        .isThrownBy(receiver::finish)
        .withMessageContaining("1000 bytes (expected: 3000)");
  }

  @Test
  void refusesOtherBytesOtherTypesAndOtherSizes() {
    StoredImage lie =
        new StoredImage(0, "image/png", png.size(), ByteString.copyFrom(new byte[32]), 64, 32);
    assertRefused(lie, png, "sha256");
    assertRefused(
        announced(png, 32, 64), png, "PictureHeader[mediaType=image/png, width=64, height=32]");
    ByteString text = ByteString.copyFromUtf8("x".repeat(100));
    assertRefused(announced(text, 64, 32), text, "unknown format");
    ByteString stub = ByteString.copyFromUtf8("x");
    assertRefused(announced(stub, 64, 32), stub, "unknown format");
  }

  @Test
  void dropsTheOldestPicturesForTheNewest() {
    InMemoryImageStore store = new InMemoryImageStore(5000);
    ImageKey first = new ImageKey("a", 1, ContentHash.of(png));
    ImageKey second = new ImageKey("b", 1, ContentHash.of(png));
    store.put(first, png);
    store.put(first, png);
    assertThat(store.find(first)).contains(png);
    store.put(second, png);

    assertThat(store.find(first)).isEmpty();
    assertThat(store.find(second)).contains(png);
  }

  private static void assertRefused(StoredImage announced, ByteString file, String complaint) {
    ImageReceiver receiver = new ImageReceiver(announced);
    receiver.accept(file);
    assertThatExceptionOfType(ImageCorruptException.class)
        .isThrownBy(receiver::finish)
        .withMessageContaining(complaint);
  }

  private static StoredImage announced(ByteString file, int width, int height) {
    return new StoredImage(0, "image/png", file.size(), ContentHash.of(file), width, height);
  }
}
