package dev.fluxgate.gateway.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.ContentHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryImageStoreTest {
  private static final ByteString PICTURE = ByteString.copyFromUtf8("0123456789");

  @TempDir private Path folder;

  @Test
  void keepsAPictureAsAFile() throws IOException {
    DirectoryImageStore store = new DirectoryImageStore(folder, 100);
    ImageKey key = key();
    store.put(key, PICTURE);
    store.put(key, PICTURE);

    assertThat(store.find(key)).contains(PICTURE);
    assertThat(store.find(key())).isEmpty();
    assertThat(files()).hasSize(1).allMatch(name -> name.endsWith(".image"));
  }

  @Test
  void dropsTheOldestForTheNewest() throws IOException {
    DirectoryImageStore store = new DirectoryImageStore(folder, 25);
    ImageKey first = key();
    ImageKey second = key();
    ImageKey third = key();
    store.put(first, PICTURE);
    store.put(second, PICTURE);
    store.put(third, PICTURE);

    assertThat(store.find(first)).isEmpty();
    assertThat(store.find(second)).contains(PICTURE);
    assertThat(store.find(third)).contains(PICTURE);
    assertThat(files()).hasSize(2);
  }

  @Test
  void deletesWhatAnEarlierProcessLeftAndNothingElse() throws IOException {
    new DirectoryImageStore(folder, 100).put(key(), PICTURE);
    Path foreign = Files.writeString(folder.resolve("holiday.image"), "mine");
    DirectoryImageStore store = new DirectoryImageStore(folder, 100);

    assertThat(files()).containsExactly("holiday.image");
    assertThat(foreign).hasContent("mine");
    assertThat(store.find(key())).isEmpty();
  }

  @Test
  void refusesAFolderThatIsAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> new DirectoryImageStore(file, 100))
        .withMessageContaining("(expected: a folder that can be written to)");
  }

  private static ImageKey key() {
    return new ImageKey(UUID.randomUUID().toString(), 1, ContentHash.of(PICTURE));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
