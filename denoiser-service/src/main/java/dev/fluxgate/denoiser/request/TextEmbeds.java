package dev.fluxgate.denoiser.request;

import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What the text encoders made of P prompts of L tokens.
 *
 * @param sequence (P, L, width), of any float type
 * @param pooled (P, width of the pooled embed), which FLUX.1 takes; null for FLUX.2
 */
public record TextEmbeds(HostTensor sequence, @Nullable HostTensor pooled) {

  /** Without a pooled embed. */
  public static TextEmbeds of(HostTensor sequence) {
    return new TextEmbeds(sequence, null);
  }

  /** Refuses values that are no numbers, wherever they come from. */
  void checkFinite(String name) {
    checkFinite(name, sequence);
    if (pooled != null) {
      checkFinite("pooled " + name, pooled);
    }
  }

  private static void checkFinite(String name, HostTensor values) {
    long count = values.shape().count();
    for (long i = 0; i < count; i++) {
      float value = values.get(i);
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException(
            name + ": " + index(values.shape(), i) + " is " + value + " (expected: a number)");
      }
    }
  }

  /** Place of an element, as "[0, 3, 77]". */
  private static String index(Shape shape, long element) {
    StringBuilder place = new StringBuilder("]");
    long rest = element;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      place.insert(0, rest % shape.dim(axis)).insert(0, axis == 0 ? "[" : ", ");
      rest /= shape.dim(axis);
    }
    return place.toString();
  }
}
