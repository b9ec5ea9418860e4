package dev.fluxgate.encoder.vision;

import dev.fluxgate.encoder.model.DecoderLayer;
import dev.fluxgate.encoder.model.DecoderStack;
import dev.fluxgate.encoder.model.KeyValues;
import dev.fluxgate.encoder.model.RowActivations;
import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import dev.fluxgate.image.RgbImage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Pixtral's tower and the projector (models spec §5.1.8): a picture → embeddings, one a cell. The
 * weights are prepared with the first picture, for most encoders never see one. They belong to the
 * decoder's store; one thread at a time.
 */
public final class PictureEncoder {
  private final DecoderStack decoder;
  private final PixtralParams params;
  private @Nullable PixtralWeights weights;

  private PictureEncoder(DecoderStack decoder, PixtralParams params) {
    this.decoder = decoder;
    this.params = params;
  }

  /**
   * The encoder of a component folder; nothing is prepared yet.
   *
   * @param decoder of the same folder, which must outlive this
   * @return null if the checkpoint has no tower
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException for a tower that is not ours
   */
  public static @Nullable PictureEncoder of(Path folder, DecoderStack decoder) {
    ConfigJson config = ConfigJson.read(folder.resolve("config.json"));
    return config.has("vision_config") && PixtralWeights.areIn(decoder.source())
        ? new PictureEncoder(decoder, PixtralParams.read(config))
        : null;
  }

  /** Cuts a picture; on any thread. */
  public PicturePatches cut(RgbImage picture) {
    return PicturePatches.of(picture, params);
  }

  /** Id of the token whose embedding is replaced. */
  public int imageToken() {
    return params.imageToken();
  }

  /**
   * Enqueues the way of a picture.
   *
   * @param others what the reference would join before and behind the patches
   * @param embeddings takes one row a cell, (cells, Dt)
   * @param probe sees "tower", (patches, D)
   */
  public void encode(
      PicturePatches picture, AttentionMask.Among others, Tensor embeddings, StageProbe probe) {
    Backend backend = decoder.backend();
    PixtralWeights prepared = weights();
    PatchGrid grid = picture.grid();
    long bytes = WorkspacePlan.bytes(plan -> Activations.layOut(plan, type(), params, grid));
    try (Workspace workspace = backend.workspace(bytes)) {
      Activations a = Activations.layOut(workspace, type(), params, grid);
      DecoderLayer.Sight sight = sight(grid, others, a.rows);
      backend.upload(picture.values().to(type()), a.patches);
      Tensor hidden = a.rows.hidden();
      backend.linear(a.patches, prepared.patch(), Epilogue.NONE, a.rows.normed());
      backend.rmsNorm(a.rows.normed(), prepared.first(), PixtralParams.EPS, hidden);
      for (DecoderLayer layer : prepared.layers()) {
        layer.forward(backend, a.rows, a.keyValues, a.keyValues, sight);
      }
      probe.observe("tower", hidden);
      backend.rmsNorm(hidden, prepared.projectorNorm(), params.projectorEps(), a.rows.normed());
      gather(grid, a.rows.normed(), a.cells);
      backend.linear(a.cells, prepared.merge(), Epilogue.NONE, a.merged);
      backend.linear(a.merged, prepared.in(), Epilogue.GELU_ERF, a.projected);
      backend.linear(a.projected, prepared.out(), Epilogue.NONE, embeddings);
      // The workspace is given back below: what is enqueued must be done with it.
      backend.synchronize();
    }
  }

  /** Lays out the embeddings of {@code cells} cells, (cells, Dt). */
  Tensor layOut(Workspace workspace, int cells) {
    return workspace.tensor(type(), Shape.of(cells, params.textSize()));
  }

  Backend backend() {
    return decoder.backend();
  }

  private PixtralWeights weights() {
    PixtralWeights prepared = weights;
    if (prepared == null) {
      prepared = PixtralWeights.read(decoder.source(), params, decoder.store());
      weights = prepared;
    }
    return prepared;
  }

  private DType type() {
    return decoder.computeType();
  }

  /** Puts the patches of a cell side by side, row by row of the cell. */
  private void gather(PatchGrid grid, Tensor patches, Tensor cells) {
    int side = grid.mergeSize();
    int features = patches.columns();
    for (int row = 0; row < grid.patchRows(); row++) {
      Tensor runs =
          patches
              .rows(row * grid.patchColumns(), grid.patchColumns())
              .reshape(grid.cellColumns(), (long) side * features);
      backend()
          .copy(
              runs,
              cells
                  .rows(row / side * grid.cellColumns(), grid.cellColumns())
                  .columns(row % side * side * features, side * features));
    }
  }

  private DecoderLayer.Sight sight(PatchGrid grid, AttentionMask others, RowActivations rows) {
    DecoderLayer.Sizes sizes = params.layer();
    AxialAngles angles = AxialAngles.of(grid, sizes.headDim(), params.ropeTheta(), type());
    decoder.backend().upload(angles.cos(), rows.cos());
    decoder.backend().upload(angles.sin(), rows.sin());
    return new DecoderLayer.Sight(
        AttentionGeometry.self(grid.patches(), sizes.heads(), sizes.headDim()),
        others,
        new RotaryTable(rows.cos(), rows.sin(), RotaryTable.Pairing.HALVES));
  }

  /**
   * Activations of one picture of N patches.
   *
   * @param patches (N, 3·p·p)
   * @param rows of a layer
   * @param keyValues of a layer, (N, D)
   * @param cells (cells, m·m·D)
   * @param merged (cells, D)
   * @param projected (cells, Dt)
   */
  private record Activations(
      Tensor patches,
      RowActivations rows,
      KeyValues keyValues,
      Tensor cells,
      Tensor merged,
      Tensor projected) {
    static Activations layOut(
        Workspace workspace, DType dtype, PixtralParams params, PatchGrid grid) {
      int patches = grid.patches();
      int hidden = params.layer().hidden();
      int neighbours = grid.mergeSize() * grid.mergeSize();
      return new Activations(
          workspace.tensor(dtype, Shape.of(patches, params.patchWidth())),
          RowActivations.layOut(workspace, dtype, params.layer(), patches, patches),
          KeyValues.layOut(workspace, dtype, params.layer(), patches),
          workspace.tensor(dtype, Shape.of(grid.cells(), (long) neighbours * hidden)),
          workspace.tensor(dtype, Shape.of(grid.cells(), hidden)),
          workspace.tensor(dtype, Shape.of(grid.cells(), params.textSize())));
    }
  }
}
