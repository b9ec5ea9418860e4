package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.CheckpointException;
import dev.fluxgate.engine.checkpoint.SafetensorsFile;
import dev.fluxgate.engine.tensor.HostTensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** Containers that must load to the byte, may be refused, or must be refused in words. */
final class ContainerOperation {
  private static final String EXPECTED = "expected.json";

  private ContainerOperation() {}

  /** Compares every file with what expected.json tells of it, or every tensor with out.*. */
  static void read(CaseRun run) throws IOException {
    if (!run.golden().tensors().isEmpty()) {
      readShards(run);
      return;
    }
    JsonNode expected = run.golden().document(EXPECTED);
    if (expected.isArray()) {
      expected.forEach(row -> tolerate(run, row));
    } else {
      expected.properties().forEach(each -> compare(run, each.getKey(), each.getValue()));
    }
  }

  /** Opens what must be refused. */
  static void reject(CaseRun run) throws IOException {
    for (JsonNode row : run.golden().document(EXPECTED)) {
      String name = row.path(row.has("file") ? "file" : "folder").asText();
      run.judge(name, "file", refusal(run.golden().folder().resolve(name)));
    }
  }

  private static void readShards(CaseRun run) {
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().folder().resolve("checkpoint"))) {
      for (String name : checkpoint.names()) {
        run.put(name, checkpoint.tensor(name, shape(run, name)));
      }
    }
  }

  private static long[] shape(CaseRun run, String name) {
    return run.golden().declared("out." + name).shape().dims().stream()
        .mapToLong(Long::longValue)
        .toArray();
  }

  private static void compare(CaseRun run, String name, JsonNode expected) {
    try (SafetensorsFile file = SafetensorsFile.open(run.golden().folder().resolve(name))) {
      String complaint = metadataComplaint(file, expected.path("metadata"));
      JsonNode tensors = expected.path("tensors");
      TreeSet<String> names = new TreeSet<>();
      tensors.fieldNames().forEachRemaining(names::add);
      if (!names.equals(file.tensors().keySet())) {
        complaint = "tensors " + file.tensors().keySet() + " (expected: " + names + ")";
      }
      for (Map.Entry<String, HostTensor> entry : file.tensors().entrySet()) {
        if (complaint.isEmpty()) {
          complaint = complaint(entry.getKey(), entry.getValue(), tensors.path(entry.getKey()));
        }
      }
      run.judge(name, "file", complaint);
    } catch (CheckpointException refused) {
      run.judge(name, "file", "refused: " + refused.getMessage());
    }
  }

  private static String complaint(String name, HostTensor tensor, JsonNode expected) {
    String type = tensor.dtype() + " " + tensor.shape();
    String wanted =
        expected.path("dtype").asText()
            + " "
            + expected.path("shape").toString().replace(",", ", ");
    String hex = HexFormat.of().formatHex(tensor.data().toArray(ValueLayout.JAVA_BYTE));
    if (!type.equals(wanted)) {
      return name + ": " + type + " (expected: " + wanted + ")";
    }
    return hex.equals(expected.path("hex").asText()) ? "" : name + ": other bytes";
  }

  private static String metadataComplaint(SafetensorsFile file, JsonNode expected) {
    Map<String, String> wanted = new LinkedHashMap<>();
    expected.properties().forEach(each -> wanted.put(each.getKey(), each.getValue().asText()));
    return file.metadata().equals(wanted)
        ? ""
        : "metadata " + file.metadata() + " (expected: " + wanted + ")";
  }

  /** An oddity may be accepted, then with these names, or refused with a message. */
  private static void tolerate(CaseRun run, JsonNode row) {
    String name = row.path("file").asText();
    try (SafetensorsFile file = SafetensorsFile.open(run.golden().folder().resolve(name))) {
      TreeSet<String> names = new TreeSet<>();
      row.path("names").forEach(each -> names.add(each.asText()));
      boolean same = file.tensors().keySet().equals(names);
      run.judge(name, "file", same ? "" : file.tensors().keySet() + " (expected: " + names + ")");
    } catch (CheckpointException refused) {
      run.judge(name, "file", blank(refused) ? "refused without a word" : "");
    }
  }

  private static String refusal(Path path) {
    try (Checkpoint accepted = Checkpoint.open(path)) {
      return "accepted, with " + accepted.names();
    } catch (CheckpointException refused) {
      return blank(refused) ? "refused without a word" : "";
    }
  }

  private static boolean blank(CheckpointException refused) {
    return refused.getMessage() == null || refused.getMessage().isBlank();
  }
}
