package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.encoder.model.DecoderSequence;
import dev.fluxgate.encoder.model.TextEncoder;
import dev.fluxgate.encoder.token.PaddingSide;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.vision.PatchGrid;
import dev.fluxgate.encoder.vision.PictureEncoder;
import dev.fluxgate.encoder.vision.PicturePatches;
import dev.fluxgate.encoder.vision.SeenPictures;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Pictures → patches → tower → projector → the language model. */
final class VisionOperation {
  private VisionOperation() {}

  /** Every stage, and the tokens that stand for the pictures. */
  static void imageFeatures(CaseRun run) {
    Path folder = run.golden().modelFolder();
    try (TextEncoder encoder = TextEncoder.load(folder, run.backend(), run.golden().computeType());
        PromptTokenizer tokenizer = PromptTokenizer.open(folder, PaddingSide.LEFT)) {
      PictureEncoder sight = PictureEncoder.of(folder, encoder.stack());
      if (sight == null) {
        throw new IllegalStateException(folder + ": no vision tower");
      }
      int patch = run.golden().parameters().path("patch_size").intValue();
      List<PicturePatches> patches =
          GenerationOperation.pictures(run).stream().map(sight::cut).toList();
      putPixels(run, patches, patch);
      List<Integer> ids = ids(run, tokenizer, patches);
      List<HostTensor> towers = new ArrayList<>();
      try (SeenPictures seen =
          SeenPictures.encode(
              sight, patches, ids, (_, tensor) -> towers.add(run.backend().download(tensor)))) {
        putTower(run, towers);
        run.put("features", run.backend().download(seen.embeddings()));
        readText(run, encoder, ids, seen);
      }
    }
  }

  /** The tokens of the case must be those of the expanded text. */
  private static List<Integer> ids(
      CaseRun run, PromptTokenizer tokenizer, List<PicturePatches> patches) {
    String text = document(run).path("text").asText();
    for (PicturePatches picture : patches) {
      // The place of a picture that was expanded before holds "[IMG]" as well: mark it meanwhile.
      text = text.replaceFirst("\\[IMG]", picture.placeholder().replace("[IMG]", "\0"));
    }
    int[] ours = tokenizer.ids(text.replace("\0", "[IMG]"), false);
    HostTensor stored = run.input("input_ids");
    List<Integer> ids = new ArrayList<>();
    for (long i = 0; i < stored.shape().count(); i++) {
      ids.add((int) stored.getLong(i));
    }
    boolean same = Arrays.stream(ours).boxed().toList().equals(ids);
    run.judge("ids", "json", same ? "" : Arrays.toString(ours));
    return ids;
  }

  private static JsonNode document(CaseRun run) {
    try {
      return run.golden().document("text.json");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Pictures as planes, zero-padded to the largest. */
  private static void putPixels(CaseRun run, List<PicturePatches> patches, int patch) {
    int[] sizes =
        patches.stream()
            .map(PicturePatches::grid)
            .flatMapToInt(
                grid -> IntStream.of(grid.patchRows() * patch, grid.patchColumns() * patch))
            .toArray();
    run.putIntermediate("image_sizes", Numbers.longs(Shape.of(patches.size(), 2), sizes));
    int height = patches.stream().mapToInt(p -> p.grid().patchRows()).max().orElseThrow() * patch;
    int width = patches.stream().mapToInt(p -> p.grid().patchColumns()).max().orElseThrow() * patch;
    HostTensor planes = HostTensor.zeros(DType.F32, Shape.of(patches.size(), 3, height, width));
    for (int picture = 0; picture < patches.size(); picture++) {
      PatchGrid grid = patches.get(picture).grid();
      HostTensor values = patches.get(picture).values();
      long at = 0;
      for (int index = 0; index < grid.patches(); index++) {
        for (int channel = 0; channel < 3; channel++) {
          for (int pixel = 0; pixel < patch * patch; pixel++) {
            long y = grid.row(index) * (long) patch + pixel / patch;
            long x = grid.column(index) * (long) patch + pixel % patch;
            planes.set(((picture * 3L + channel) * height + y) * width + x, values.get(at++));
          }
        }
      }
    }
    run.putIntermediate("pixel_values", planes);
  }

  /** The patches of all pictures, one picture behind the other. */
  private static void putTower(CaseRun run, List<HostTensor> towers) {
    int width = towers.getFirst().shape().size(1);
    long total = towers.stream().mapToLong(tower -> tower.shape().dim(0)).sum();
    HostTensor all = HostTensor.zeros(towers.getFirst().dtype(), Shape.of(1, total, width));
    long at = 0;
    for (HostTensor tower : towers) {
      for (long i = 0; i < tower.shape().count(); i++) {
        all.set(at++, tower.get(i));
      }
    }
    run.putIntermediate("tower", all);
  }

  private static void readText(
      CaseRun run, TextEncoder encoder, List<Integer> ids, SeenPictures seen) {
    try (DecoderSequence sequence = DecoderSequence.open(encoder.stack(), ids.size())) {
      sequence.append(
          ids.stream().mapToInt(id -> id).toArray(),
          seen,
          (index, states) -> {
            String name = "hidden_states." + Numbers.padded(index);
            if (run.golden().tensor("out." + name) != null) {
              HostTensor ours = run.backend().download(states);
              run.put(name, ours.reshape(1, ours.shape().dim(0), ours.shape().dim(1)));
            }
          });
      run.put("last_logits", sequence.logits());
    }
  }
}
