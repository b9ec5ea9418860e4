package dev.fluxgate.engine.backend.cuda.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The images in the jar are those that {@code engine/src/main/cuda/build} made of the sources. */
final class KernelManifestTest {
  private static final Path ENGINE = Path.of(System.getProperty("fluxgate.root"), "engine");
  private static final Path SOURCES = ENGINE.resolve("src/main/cuda");
  private static final Path IMAGES =
      ENGINE.resolve("src/main/resources/dev/fluxgate/engine/backend/cuda/kernels");
  private static final String IMAGE = "image.";

  private final Properties manifest = new Properties();

  KernelManifestTest() throws IOException {
    try (InputStream in = Files.newInputStream(IMAGES.resolve("kernels.properties"))) {
      manifest.load(in);
    }
  }

  @Test
  void isMadeOfTheSources() throws IOException, NoSuchAlgorithmException {
    List<Path> sources;
    try (Stream<Path> files = Files.list(SOURCES)) {
      sources =
          files.filter(file -> file.getFileName().toString().contains(".cu")).sorted().toList();
    }
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (Path source : sources) {
      digest.update((source.getFileName() + "\0").getBytes(UTF_8));
      digest.update(Files.readAllBytes(source));
      digest.update((byte) 0);
    }
    assertThat(manifest.getProperty("sources"))
        .as("hash of the sources (engine/src/main/cuda/build makes the images anew)")
        .isEqualTo(HexFormat.of().formatHex(digest.digest()));
  }

  @Test
  void listsEveryImageAsItIs() throws IOException, NoSuchAlgorithmException {
    Set<String> listed = new TreeSet<>();
    for (String key : manifest.stringPropertyNames()) {
      if (key.startsWith(IMAGE)) {
        String name = key.substring(IMAGE.length());
        byte[] bytes = Files.readAllBytes(IMAGES.resolve(name));
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
        assertThat(HexFormat.of().formatHex(hash)).as(name).isEqualTo(manifest.getProperty(key));
        listed.add(name);
      }
    }
    try (Stream<Path> files = Files.list(IMAGES)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> !name.equals("kernels.properties"))
          .containsExactlyInAnyOrderElementsOf(listed);
    }
  }

  @Test
  void hasEveryImageOfEveryKernel() {
    Set<String> files =
        Arrays.stream(CudaKernel.values()).map(CudaKernel::file).collect(Collectors.toSet());
    for (String file : files) {
      for (String ending :
          List.of(
              "ptx",
              "sm_80.cubin",
              "sm_86.cubin",
              "sm_89.cubin",
              "sm_90a.cubin",
              "sm_120a.cubin")) {
        assertThat(manifest.stringPropertyNames()).contains(IMAGE + file + "." + ending);
      }
    }
  }
}
