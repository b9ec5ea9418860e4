package dev.fluxgate.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.safetensors",
        "diffusion_pytorch_model.safetensors",
        "diffusion_pytorch_model.bf16.safetensors",
        "model.fp16.safetensors",
        "model.sft",
        "flux2-vae.safetensors",
      })
  void findsTheOneFileOfAComponent(String name) {
    write(name, "w");
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.names()).containsExactly("w");
      assertThat(checkpoint.files()).containsExactly(folder.resolve(name));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.safetensors.index.json",
        "diffusion_pytorch_model.safetensors.index.bf16.json",
        "diffusion_pytorch_model.safetensors.fp16.index.json",
      })
  void readsTheShardsOfEveryKindOfIndex(String name) throws IOException {
    write("one.safetensors", "a");
    write("two.sft", "b");
    index(name, "\"a\": \"one.safetensors\", \"b\": \"two.sft\"");
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.names()).containsExactly("a", "b");
      assertThat(checkpoint.tensor("b", 2).toFloats()).containsExactly(1, 2);
    }
  }

  @Test
  void namesTheMissingTensor() {
    write("model.safetensors", "w");
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      String origin = String.valueOf(folder.getFileName());
      assertThat(checkpoint.has("v")).isFalse();
      assertThatThrownBy(() -> checkpoint.tensor("v", 8, 4))
          .isInstanceOf(MissingWeightException.class)
          .hasMessage(origin + ": v: missing (expected: [8, 4])");
      assertThatThrownBy(() -> checkpoint.tensor("w", 8, 4))
          .isInstanceOf(WeightShapeException.class)
          .hasMessage(origin + ": w: shape [2] (expected: [8, 4])");
    }
  }

  @Test
  void refusesATensorInTwoShards() throws IOException {
    write("one.safetensors", "a");
    write("two.safetensors", "a");
    write("three.safetensors", "b");
    index("model.safetensors.index.json", "\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .hasMessageContaining("b: absent from two.safetensors");

    write("two.safetensors", "a", "b");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .hasMessageContaining("a: in one.safetensors and in two.safetensors");
  }

  @Test
  void leavesOutTensorsThatTheIndexDoesNotKnow() throws IOException {
    write("one.safetensors", "a", "b");
    index("model.safetensors.index.json", "\"a\": \"one.safetensors\"");
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.names()).containsExactly("a");
    }
  }

  @Test
  void namesATruncatedShard() throws IOException {
    write("one.safetensors", "a");
    index("model.safetensors.index.json", "\"a\": \"one.safetensors\"");
    Path shard = folder.resolve("one.safetensors");
    byte[] bytes = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(bytes, bytes.length - 1));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(CheckpointCorruptException.class)
        .hasMessageStartingWith(shard + ": a: data_offsets [0, 8] (expected: to end within the 7");
  }

  @Test
  void refusesFoldersWithoutOneCheckpoint() {
    assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("no weights");
    write("a.safetensors", "w");
    write("b.safetensors", "w");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .hasMessageContaining("2 weight files without an index");
  }

  @Test
  void refusesPickles() {
    assertThatThrownBy(() -> Checkpoint.open(folder.resolve("model.bin")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("a pickle checkpoint");
  }

  private void write(String file, String... names) {
    Map<String, HostTensor> tensors = new TreeMap<>();
    for (String name : names) {
      tensors.put(name, HostTensor.of(DType.F32, Shape.of(2), 1, 2));
    }
    SafetensorsWriter.write(folder.resolve(file), tensors, Map.of("format", "pt"));
  }

  private void index(String file, String weightMap) throws IOException {
    Files.writeString(
        folder.resolve(file),
        "{\"metadata\": {\"total_size\": 16.0}, \"weight_map\": {" + weightMap + "}}");
  }
}
