package dev.fluxgate.encoder.vision;

import dev.fluxgate.encoder.model.EmbeddingOverlay;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/**
 * Pictures as a language model sees them: embeddings, in the order in which image tokens take them
 * up. Owns their memory; may be closed once the prompt has been read.
 */
public final class SeenPictures implements EmbeddingOverlay, AutoCloseable {
  private final List<Integer> ids;
  private final int imageToken;
  private final Workspace workspace;
  private final Tensor embeddings;

  private SeenPictures(List<Integer> ids, int imageToken, Workspace workspace, Tensor embeddings) {
    this.ids = ids;
    this.imageToken = imageToken;
    this.workspace = workspace;
    this.embeddings = embeddings;
  }

  /**
   * Encodes pictures for a prompt.
   *
   * @param ids of the whole prompt
   * @param probe sees what {@link PictureEncoder#encode} shows, picture by picture
   * @throws IllegalArgumentException if the prompt has not one image token a cell
   */
  public static SeenPictures encode(
      PictureEncoder encoder, List<PicturePatches> pictures, List<Integer> ids, StageProbe probe) {
    int cells = pictures.stream().mapToInt(picture -> picture.grid().cells()).sum();
    long places = ids.stream().filter(id -> id == encoder.imageToken()).count();
    if (places != cells) {
      throw new IllegalArgumentException(
          "image tokens: " + places + " (expected: " + cells + ", one a cell of the pictures)");
    }
    long bytes = WorkspacePlan.bytes(plan -> encoder.layOut(plan, cells));
    Workspace workspace = encoder.backend().workspace(bytes);
    boolean complete = false;
    try {
      Tensor embeddings = encoder.layOut(workspace, cells);
      int row = 0;
      int before = 0;
      int behind = pictures.stream().mapToInt(picture -> picture.grid().patches()).sum();
      for (PicturePatches picture : pictures) {
        int count = picture.grid().cells();
        behind -= picture.grid().patches();
        AttentionMask.Among others = new AttentionMask.Among(before, behind);
        encoder.encode(picture, others, embeddings.rows(row, count), probe);
        before += picture.grid().patches();
        row += count;
      }
      complete = true;
      return new SeenPictures(List.copyOf(ids), encoder.imageToken(), workspace, embeddings);
    } finally {
      if (!complete) {
        workspace.close();
      }
    }
  }

  /** All embeddings, (cells, Dt). */
  public Tensor embeddings() {
    return embeddings;
  }

  /** Copies run by run: between two breaks image tokens follow each other. */
  @Override
  public void apply(Backend backend, int first, Tensor rows) {
    int source = (int) ids.subList(0, first).stream().filter(id -> id == imageToken).count();
    int row = 0;
    while (row < rows.rows()) {
      int run = 0;
      while (row + run < rows.rows() && ids.get(first + row + run) == imageToken) {
        run++;
      }
      if (run > 0) {
        backend.copy(embeddings.rows(source, run), rows.rows(row, run));
      }
      source += run;
      row += Math.max(run, 1);
    }
  }

  /** Frees the embeddings. Closing twice is harmless. */
  @Override
  public void close() {
    workspace.close();
  }
}
