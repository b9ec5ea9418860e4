package dev.fluxgate.engine.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
  @TempDir private Path folder;

  @Test
  void readsBackWhatTheWriterWrote() {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    tensors.put("b", HostTensor.of(DType.BF16, Shape.of(3), 1, 2, 3));
    tensors.put("a", HostTensor.of(DType.F32, Shape.of(2, 1), 4, 5));
    tensors.put("é\"", HostTensor.ofInts(Shape.of(), 7));
    tensors.put("none", HostTensor.zeros(DType.F64, Shape.of(0, 4)));
    Path path = folder.resolve("x.safetensors");

    SafetensorsWriter.write(path, tensors, Map.of("format", "pt", "k", "東京"));

    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.tensors().keySet()).containsExactly("none", "a", "é\"", "b");
      assertThat(file.metadata()).containsOnly(Map.entry("format", "pt"), Map.entry("k", "東京"));
      tensors.forEach(
          (name, tensor) -> assertThat(values(file, name)).isEqualTo(tensor.toFloats()));
    }
    assertThat(folder).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void writesTheBytesOfTheReferenceWriter() throws IOException {
    Path path = folder.resolve("x.safetensors");
    SafetensorsWriter.write(
        path, Map.of("x", HostTensor.of(DType.F32, Shape.of(1), 1.5f)), Map.of("format", "pt"));
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    int padding = (8 - header.length() % 8) % 8;
    assertThat(Files.readAllBytes(path))
        .isEqualTo(bytes(header + " ".repeat(padding), new byte[] {0, 0, (byte) 0xC0, 0x3F}));
  }

  @Test
  void saysWhatIsWrongWithASize() throws IOException {
    assertThatThrownBy(
            () -> open("{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}"))
        .hasMessage(
            folder.resolve("x.safetensors")
                + ": w: data_offsets [0, 8] (expected: 12 bytes for F32 [3])");
  }

  @Test
  void saysWhichTensorLeavesAGap() {
    assertThatThrownBy(() ->
            open(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                    + "\"b\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[3,8]}}"))
        .hasMessageContaining("b: data_offsets [3, 8] (expected: to begin at 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[-0],\"data_offsets\":[0,0]}}",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[8e0],\"data_offsets\":[0,8]}}",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[08],\"data_offsets\":[0,8]}}",
        "{\"w\":[\"U8\",[8],[0,8],1]}",
        "{\"w\":[\"U8\",[8]]}",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8],}}",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8],\"x\":\"\\udc00\"}}",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8],\"x\":-1e999}}",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}{}",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[9223372036854775808],\"data_offsets\":[0,8]}}",
      })
  void refusesWhatTheGrammarDoesNotAllow(String header) {
    assertThatThrownBy(() -> open(header))
        .isInstanceOf(CheckpointCorruptException.class)
        .hasMessageStartingWith(folder.resolve("x.safetensors").toString());
  }

  @Test
  void ignoresWhateverAnUnknownFieldHolds() throws IOException {
    open(
        "{\"w\":{\"x\":{\"dtype\":[1,{\"y\":[]}]},\"dtype\":\"U8\",\"shape\":[8],"
            + "\"data_offsets\":[0,8],\"z\":null}}");
  }

  @Test
  void stopsAtTooManyEntries() {
    StringBuilder header = new StringBuilder("{\"__metadata__\":{");
    for (int i = 0; i < 1_000_000; i++) {
      header.append("\"").append(Integer.toHexString(i)).append("\":\"\",");
    }
    header.setLength(header.length() - 1);
    assertThatThrownBy(() -> open(header + "}}")).hasMessageContaining("more than 1000000 entries");
  }

  @Test
  void stripsControlCharactersFromMessages() {
    assertThatThrownBy(() -> open("{\"a\\n\\u001b[2J\":3}"))
        .hasMessageContaining("a\\u000a\\u001b[2J: 3 (expected: an object)");
  }

  @Test
  void refusesAFolderAndAMissingFile() {
    assertThatThrownBy(() -> SafetensorsFile.open(folder)).hasMessageContaining("not a file");
    assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none")))
        .hasMessage(folder.resolve("none") + ": no such file (expected: a safetensors file)");
  }

  @Test
  void closesTwice() {
    Path path = folder.resolve("x.safetensors");
    SafetensorsWriter.write(path, Map.of(), Map.of());
    SafetensorsFile file = SafetensorsFile.open(path);
    file.close();
    file.close();
  }

  private static float[] values(SafetensorsFile file, String name) {
    HostTensor tensor = file.tensors().get(name);
    return tensor == null ? new float[] {Float.NaN} : tensor.toFloats();
  }

  private void open(String header) throws IOException {
    Path path = folder.resolve("x.safetensors");
    Files.write(path, bytes(header, new byte[8]));
    SafetensorsFile.open(path).close();
  }

  private static byte[] bytes(String header, byte[] data) {
    byte[] text = header.getBytes(UTF_8);
    return ByteBuffer.allocate(8 + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }
}
