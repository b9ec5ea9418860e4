package dev.fluxgate.encoder.embed;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Which hidden states become prompt embeds: 0 is the token embedding, the depth is the last.
 *
 * @param indices ascending, none twice, at least one
 */
public record OutputLayers(List<Integer> indices) {

  /**
   * Checks the order.
   *
   * @throws IllegalArgumentException for layers that are none, negative or not ascending
   */
  public OutputLayers {
    indices = List.copyOf(indices);
    List<Integer> layers = indices;
    boolean ascending =
        IntStream.range(1, layers.size()).allMatch(i -> layers.get(i - 1) < layers.get(i));
    if (layers.isEmpty() || layers.getFirst() < 0 || !ascending) {
      throw new IllegalArgumentException(
          "output_layers: " + layers + " (expected: ascending, from 0 on, at least one)");
    }
  }

  /** A quarter, a half and three quarters of the depth: 10, 20, 30 of 40. */
  public static OutputLayers defaults(int depth) {
    return new OutputLayers(
        IntStream.rangeClosed(1, 3).map(i -> i * depth / 4).distinct().boxed().toList());
  }

  /**
   * These layers.
   *
   * @throws IllegalArgumentException if one lies beyond {@code depth}
   */
  public OutputLayers within(int depth) {
    if (last() > depth) {
      throw new IllegalArgumentException(
          "output_layers: " + indices + " (expected: within 0.." + depth + ")");
    }
    return this;
  }

  /** The deepest one. */
  public int last() {
    return indices.getLast();
  }

  /** k: how many. */
  public int count() {
    return indices.size();
  }
}
