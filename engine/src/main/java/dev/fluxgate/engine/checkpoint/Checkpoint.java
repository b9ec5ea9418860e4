package dev.fluxgate.engine.checkpoint;

import dev.fluxgate.engine.tensor.HostTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tensors of one component, from a single file or from shards with an index (formats spec
 * §1.6). Owns the mapped files: the tensors live until it is closed.
 */
public final class Checkpoint implements TensorSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
  private static final String INDEX_SUFFIX = ".index.json";
  private static final int NAMES_IN_WARNING = 10;

  /** What a component folder may hold, the most specific first. */
  private static final List<String> FILE_NAMES =
      Stream.of("diffusion_pytorch_model", "model")
          .flatMap(stem ->
              Stream.concat(
                  Stream.of(
                      stem + ".safetensors" + INDEX_SUFFIX, stem + ".safetensors", stem + ".sft"),
                  Stream.of("bf16", "fp16", "fp32")
                      .flatMap(variant -> variantNames(stem, variant))))
          .toList();

  private final Path path;
  private final List<SafetensorsFile> files;
  private final Map<String, HostTensor> tensors;

  private Checkpoint(Path path, List<SafetensorsFile> files, Map<String, HostTensor> tensors) {
    this.path = path;
    this.files = List.copyOf(files);
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Opens a safetensors file, an index, or a component folder that holds one of them.
   *
   * @throws InvalidModelException if nothing there is a checkpoint
   * @throws CheckpointCorruptException if a file or the index is malformed
   */
  public static Checkpoint open(Path path) {
    Path file = Files.isDirectory(path) ? findIn(path) : path;
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(INDEX_SUFFIX) || name.endsWith(".json")) {
      return openShards(path, ShardIndex.read(file));
    }
    if (Stream.of(".bin", ".ckpt", ".pt", ".pth", ".pickle").anyMatch(name::endsWith)) {
      throw new InvalidModelException(
          file, "a pickle checkpoint", ".safetensors or .sft, which cannot run code");
    }
    SafetensorsFile single = SafetensorsFile.open(file);
    return new Checkpoint(path, List.of(single), single.tensors());
  }

  @Override
  public @Nullable HostTensor find(String name) {
    return tensors.get(name);
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public String origin() {
    return String.valueOf(path.getFileName());
  }

  /** The mapped files: one, or all shards. */
  public List<Path> files() {
    return files.stream().map(SafetensorsFile::file).toList();
  }

  /** Metadata of all files; of equal keys the first file's. */
  public Map<String, String> metadata() {
    Map<String, String> all = new LinkedHashMap<>();
    files.forEach(file -> file.metadata().forEach(all::putIfAbsent));
    return all;
  }

  /** Unmaps all files: the tensors must not be read any more. Closing twice is harmless. */
  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }

  private static Stream<String> variantNames(String stem, String variant) {
    return Stream.of(
        stem + ".safetensors.index." + variant + ".json",
        stem + ".safetensors." + variant + INDEX_SUFFIX,
        stem + "." + variant + ".safetensors");
  }

  private static Path findIn(Path folder) {
    for (String name : FILE_NAMES) {
      Path candidate = folder.resolve(name);
      if (Files.isRegularFile(candidate)) {
        return candidate;
      }
    }
    List<Path> others;
    try (Stream<Path> entries = Files.list(folder)) {
      others =
          entries
              .filter(entry -> entry.toString().matches(".*\\.(safetensors|sft)"))
              .sorted()
              .toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(folder + ": " + unreadable.getMessage(), unreadable);
    }
    if (others.size() == 1) {
      return others.getFirst();
    }
    throw new InvalidModelException(
        folder,
        others.isEmpty() ? "no weights" : others.size() + " weight files without an index",
        "diffusion_pytorch_model.safetensors, model.safetensors or an index of shards");
  }

  private static Checkpoint openShards(Path path, ShardIndex index) {
    List<SafetensorsFile> opened = new ArrayList<>();
    boolean complete = false;
    try {
      Map<String, SafetensorsFile> shards = new LinkedHashMap<>();
      for (String name : index.shards()) {
        SafetensorsFile shard = SafetensorsFile.open(index.file().resolveSibling(name));
        opened.add(shard);
        shards.put(name, shard);
      }
      Checkpoint checkpoint = new Checkpoint(path, opened, merge(index, shards));
      complete = true;
      return checkpoint;
    } finally {
      if (!complete) {
        opened.forEach(SafetensorsFile::close);
      }
    }
  }

  private static Map<String, HostTensor> merge(
      ShardIndex index, Map<String, SafetensorsFile> shards) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    index
        .weightMap()
        .forEach((tensor, shard) -> {
          HostTensor stored =
              shards.containsKey(shard) ? shards.get(shard).tensors().get(tensor) : null;
          if (stored == null) {
            throw new CheckpointCorruptException(
                index.file(), tensor, "absent from " + shard, "the tensor in that shard");
          }
          tensors.put(tensor, stored);
        });
    checkOwners(index, shards);
    return tensors;
  }

  /** A tensor in two shards is refused; one that the index does not know is left out. */
  private static void checkOwners(ShardIndex index, Map<String, SafetensorsFile> shards) {
    List<String> unknown = new ArrayList<>();
    Map<String, String> owners = new LinkedHashMap<>(index.weightMap());
    shards.forEach((shard, file) -> {
      for (String tensor : file.tensors().keySet()) {
        String owner = owners.putIfAbsent(tensor, shard);
        if (owner == null) {
          unknown.add(tensor);
        } else if (!owner.equals(shard)) {
          throw new CheckpointCorruptException(
              index.file(), tensor, "in " + owner + " and in " + shard, "one of them");
        }
      }
    });
    if (!unknown.isEmpty()) {
      LOG.warn(
          "{}: {} tensors of the shards are not in the index and are left out: {}",
          index.file(),
          unknown.size(),
          unknown.stream().limit(NAMES_IN_WARNING).map(CheckpointException::printable).toList());
    }
  }
}
