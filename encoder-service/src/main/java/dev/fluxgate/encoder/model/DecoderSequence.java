package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * One sequence that grows at its end: keys and values of all positions so far are kept, so that a
 * further token costs one row. It holds no padding: positions count from its first token, as the
 * reference derives them from the mask. One thread at a time.
 */
public final class DecoderSequence implements AutoCloseable {
  /** Most rows of one pass; a longer prompt takes several. */
  public static final int CHUNK = 512;

  private final DecoderStack stack;
  private final Workspace workspace;
  private final Activations activations;
  private final int capacity;
  private int length;

  /**
   * All memory of a sequence.
   *
   * @param ids int32, of the longest pass
   * @param rows of the longest pass
   * @param layers keys and values, (capacity, Hkv·K) each
   * @param last (1, D)
   * @param logits (1, V)
   */
  private record Activations(
      Tensor ids, RowActivations rows, List<KeyValues> layers, Tensor last, Tensor logits) {
    static Activations layOut(Workspace workspace, DecoderStack stack, int capacity) {
      TextEncoderParams params = stack.params();
      DType dtype = stack.computeType();
      int longest = Math.min(capacity, CHUNK);
      List<KeyValues> layers = new ArrayList<>(params.layers());
      for (int i = 0; i < params.layers(); i++) {
        layers.add(KeyValues.layOut(workspace, dtype, params.layer(), capacity));
      }
      return new Activations(
          workspace.tensor(DType.I32, Shape.of(longest)),
          RowActivations.layOut(workspace, dtype, params.layer(), longest, longest),
          layers,
          workspace.tensor(dtype, Shape.of(1, params.hiddenSize())),
          workspace.tensor(dtype, Shape.of(1, params.vocabularySize())));
    }
  }

  private DecoderSequence(DecoderStack stack, Workspace workspace, int capacity) {
    this.stack = stack;
    this.workspace = workspace;
    this.capacity = capacity;
    activations = Activations.layOut(workspace, stack, capacity);
  }

  /** Bytes that a sequence of up to {@code capacity} tokens takes. */
  public static long bytes(DecoderStack stack, int capacity) {
    return WorkspacePlan.bytes(plan -> Activations.layOut(plan, stack, capacity));
  }

  /**
   * An empty sequence.
   *
   * @param capacity most tokens
   * @throws IllegalArgumentException for more than the model was made for
   * @throws dev.fluxgate.engine.backend.failure.DeviceMemoryException if the device has not enough
   */
  public static DecoderSequence open(DecoderStack stack, int capacity) {
    int most = stack.params().maxPositions();
    if (capacity < 1 || capacity > most) {
      throw new IllegalArgumentException(
          "tokens: " + capacity + " with the answer (expected: 1.." + most + ")");
    }
    Workspace workspace = stack.backend().workspace(bytes(stack, capacity));
    boolean complete = false;
    try {
      DecoderSequence sequence = new DecoderSequence(stack, workspace, capacity);
      sequence.clear();
      complete = true;
      return sequence;
    } finally {
      if (!complete) {
        workspace.close();
      }
    }
  }

  /** Tokens so far. */
  public int length() {
    return length;
  }

  /** Appends tokens, at most {@link #CHUNK} and within the capacity. */
  public void append(int[] ids, EmbeddingOverlay overlay) {
    append(ids, overlay, (_, _) -> {});
  }

  /**
   * As above, watched.
   *
   * @param sink takes the hidden states of the new rows, the last one without the final norm
   */
  public void append(int[] ids, EmbeddingOverlay overlay, HiddenStateSink sink) {
    int count = ids.length;
    if (count < 1 || count > CHUNK || length + count > capacity) {
      throw new IllegalArgumentException(
          "tokens: "
              + count
              + " after "
              + length
              + " (expected: 1.."
              + Math.min(CHUNK, capacity - length)
              + ")");
    }
    Backend backend = stack.backend();
    RowActivations rows = activations.rows.first(count);
    DecoderLayer.Sight sight = sight(count, rows);
    Tensor tokens = activations.ids.columns(0, count).reshape(count);
    backend.upload(HostTensor.ofInts(Shape.of(count), ids), tokens);
    backend.embed(tokens, stack.weights().embedding(), rows.hidden());
    overlay.apply(backend, length, rows.hidden());
    sink.accept(0, rows.hidden());
    for (int i = 0; i < activations.layers.size(); i++) {
      KeyValues layer = activations.layers.get(i);
      KeyValues seen = layer.rows(0, sight.geometry().keys());
      stack.layer(i).forward(backend, rows, layer.rows(length, count), seen, sight);
      sink.accept(i + 1, rows.hidden());
    }
    backend.copy(rows.hidden().rows(count - 1, 1), activations.last);
    length += count;
  }

  /** Waits for what was appended and gives the logits of the token to come, (1, V). */
  public HostTensor logits() {
    Backend backend = stack.backend();
    TextEncoderWeights weights = stack.weights();
    backend.rmsNorm(
        activations.last,
        weights.finalNorm(),
        stack.params().rmsNormEps(),
        activations.rows.first(1).normed());
    backend.linear(
        activations.rows.first(1).normed(), weights.head(), Epilogue.NONE, activations.logits);
    return backend.download(activations.logits);
  }

  /** Frees the memory. Closing twice is harmless. */
  @Override
  public void close() {
    workspace.close();
  }

  /**
   * A single row sees all places, of which those behind it are not live: so every token is a call
   * of one shape. Of several the last must see its own place last.
   */
  private DecoderLayer.Sight sight(int count, RowActivations rows) {
    TextEncoderParams params = stack.params();
    int end = length + count;
    RotaryTable table = stack.uploadAngles(length, rows);
    AttentionGeometry geometry =
        new AttentionGeometry(
            1,
            count,
            count == 1 ? capacity : end,
            params.heads(),
            params.keyValueHeads(),
            params.headDim());
    AttentionMask mask = new AttentionMask.Causal(List.of(new AttentionMask.KeyRange(0, end)));
    return new DecoderLayer.Sight(geometry, mask, table);
  }

  /** Places not yet written are read with weight 0, which only a finite number survives. */
  private void clear() {
    Backend backend = stack.backend();
    KeyValues first = activations.layers.getFirst();
    HostTensor zeros = HostTensor.zeros(first.keys().dtype(), first.keys().shape());
    for (KeyValues layer : activations.layers) {
      backend.upload(zeros, layer.keys());
      backend.upload(zeros, layer.values());
    }
  }
}
