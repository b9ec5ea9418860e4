package dev.fluxgate.encoder.generate;

import dev.fluxgate.encoder.model.DecoderSequence;
import dev.fluxgate.encoder.model.DecoderStack;
import dev.fluxgate.encoder.model.EmbeddingOverlay;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Answers to a batch of prompts, made step by step, so that others may use the device in between: a
 * step reads one piece of a prompt, or chooses one token for every row. All rows are drawn for at
 * once, in one draw a step, as the reference does it; rows that have ended go on being drawn for.
 * One thread at a time.
 */
public final class Generation implements AutoCloseable {
  private final List<GenerationPrompt> prompts;
  private final GenerationSettings settings;
  private final TorchGenerator generator;
  private final StepSink sink;
  private final List<DecoderSequence> sequences = new ArrayList<>();
  private final List<List<Integer>> answers = new ArrayList<>();
  private final boolean[] ended;

  private Generation(
      List<GenerationPrompt> prompts,
      GenerationSettings settings,
      TorchGenerator generator,
      StepSink sink) {
    this.prompts = List.copyOf(prompts);
    this.settings = settings;
    this.generator = generator;
    this.sink = sink;
    ended = new boolean[prompts.size()];
  }

  /**
   * Takes the memory of all rows; nothing is computed yet.
   *
   * @param generator what is drawn from; left alone where nothing is drawn
   * @throws IllegalArgumentException for a prompt that is too long with its answer
   * @throws dev.fluxgate.engine.backend.failure.DeviceMemoryException if the device has not enough
   */
  public static Generation open(
      DecoderStack stack,
      List<GenerationPrompt> prompts,
      GenerationSettings settings,
      TorchGenerator generator,
      StepSink sink) {
    Generation generation = new Generation(prompts, settings, generator, sink);
    boolean complete = false;
    try {
      for (GenerationPrompt prompt : prompts) {
        generation.sequences.add(DecoderSequence.open(stack, capacity(prompt, settings)));
        generation.answers.add(new ArrayList<>());
      }
      complete = true;
      return generation;
    } finally {
      if (!complete) {
        generation.close();
      }
    }
  }

  /** Bytes that answering takes, beside the weights. */
  public static long bytes(
      DecoderStack stack, List<GenerationPrompt> prompts, GenerationSettings settings) {
    return prompts.stream()
        .mapToLong(prompt -> DecoderSequence.bytes(stack, capacity(prompt, settings)))
        .sum();
  }

  /**
   * Takes one step.
   *
   * @return whether there is another
   */
  public boolean step() {
    for (int row = 0; row < prompts.size(); row++) {
      GenerationPrompt prompt = prompts.get(row);
      int from = sequences.get(row).length();
      int length = prompt.ids().size();
      if (from < length) {
        int to = Math.min(length, from + DecoderSequence.CHUNK);
        sequences.get(row).append(prompt.ids(from, to), prompt.overlay());
        return true;
      }
    }
    write(choose());
    boolean more = hasMore();
    for (int row = 0; more && row < prompts.size(); row++) {
      sequences.get(row).append(new int[] {answers.get(row).getLast()}, EmbeddingOverlay.NONE);
    }
    return more;
  }

  /** Tokens of each row so far, end tokens and padding behind them included. */
  public List<List<Integer>> answers() {
    return answers.stream().map(List::copyOf).toList();
  }

  /** Whether {@code row} has reached an end token. */
  public boolean hasEnded(int row) {
    return ended[row];
  }

  /** Frees the memory. Closing twice is harmless. */
  @Override
  public void close() {
    sequences.forEach(DecoderSequence::close);
  }

  private int[] choose() {
    int written = answers.getFirst().size();
    List<HostTensor> logits = sequences.stream().map(DecoderSequence::logits).toList();
    List<float[]> scores =
        logits.stream().map(row -> TokenScores.of(row, settings, written)).toList();
    sink.accept(logits, scores);
    return settings.sampling().isRandom()
        ? drawn(scores)
        : scores.stream().mapToInt(TokenScores::best).toArray();
  }

  private int[] drawn(List<float[]> scores) {
    int vocabulary = scores.getFirst().length;
    HostTensor probabilities = HostTensor.zeros(DType.F32, Shape.of(scores.size(), vocabulary));
    for (int row = 0; row < scores.size(); row++) {
      float[] weights = TokenScores.probabilities(scores.get(row));
      for (int i = 0; i < vocabulary; i++) {
        probabilities.set((long) row * vocabulary + i, weights[i]);
      }
    }
    HostTensor drawn = generator.multinomial(probabilities, 1, false);
    return IntStream.range(0, scores.size()).map(row -> (int) drawn.getLong(row)).toArray();
  }

  private void write(int[] tokens) {
    for (int row = 0; row < tokens.length; row++) {
      int token = ended[row] ? settings.padToken() : tokens[row];
      ended[row] |= settings.endTokens().contains(token);
      answers.get(row).add(token);
    }
  }

  private boolean hasMore() {
    return answers.getFirst().size() < settings.maxNewTokens()
        && IntStream.range(0, ended.length).anyMatch(row -> !ended[row]);
  }

  private static int capacity(GenerationPrompt prompt, GenerationSettings settings) {
    return Math.addExact(prompt.ids().size(), settings.maxNewTokens());
  }
}
