package dev.fluxgate.engine.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The index of a sharded checkpoint (formats spec §1.6): which tensor lies in which file beside it.
 *
 * @param file the index itself
 * @param weightMap tensor to file name; every name is that of an existing file in the same folder
 */
record ShardIndex(Path file, Map<String, String> weightMap) {

  /**
   * Reads and checks an index; what else it holds beside {@code weight_map} is ignored.
   *
   * @throws InvalidModelException if it has no usable weight map
   * @throws CheckpointCorruptException if it names a file it must not name, or one that is missing
   */
  static ShardIndex read(Path file) {
    ConfigJson index = ConfigJson.read(file);
    if (!index.has("weight_map")) {
      throw index.invalid("weight_map", "an object of tensor: file name");
    }
    ConfigJson entries = index.object("weight_map");
    Map<String, String> weightMap = new LinkedHashMap<>();
    for (String tensor : entries.keys()) {
      weightMap.put(tensor, entries.string(tensor));
    }
    ShardIndex result = new ShardIndex(file, weightMap);
    result.checkShards();
    return result;
  }

  /** The shards, in the order of their first tensor. */
  Set<String> shards() {
    return new LinkedHashSet<>(weightMap.values());
  }

  private void checkShards() {
    Set<String> checked = new LinkedHashSet<>();
    weightMap.forEach((tensor, shard) -> {
      if (checked.add(shard)) {
        checkName(tensor, shard);
        if (!Files.isRegularFile(file.resolveSibling(shard))) {
          throw new CheckpointCorruptException(
              file, tensor, "shard " + shard + " is missing", "that file beside the index");
        }
      }
    });
  }

  /** An index comes from strangers: it must not point anywhere but beside itself. */
  private void checkName(String tensor, String shard) {
    boolean plain = shard.chars().noneMatch(c -> c < ' ' || c == '/' || c == '\\' || c == ':');
    if (!plain || !(shard.endsWith(".safetensors") || shard.endsWith(".sft"))) {
      throw new CheckpointCorruptException(
          file, tensor, '"' + shard + '"', "the plain name of a .safetensors or .sft file");
    }
  }
}
