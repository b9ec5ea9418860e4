package dev.fluxgate.engine.checkpoint;

/**
 * A model could not be read. The message is one line: where, what was found, what was expected. It
 * is safe to print: text taken from a file is cut and stripped of control characters.
 */
public abstract sealed class CheckpointException extends RuntimeException
    permits CheckpointCorruptException,
        InvalidModelException,
        MissingWeightException,
        WeightShapeException {
  private static final long serialVersionUID = 1;
  private static final int LONGEST_QUOTE = 120;

  CheckpointException(String message) {
    super(message);
  }

  /** {@code text} from a file as it may stand in a message: on one line, at most 120 characters. */
  static String printable(String text) {
    StringBuilder out = new StringBuilder();
    int length = Math.min(text.length(), LONGEST_QUOTE);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || (Character.isSurrogate(c) && !isPaired(text, i))) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return text.length() > LONGEST_QUOTE ? out.append("...").toString() : out.toString();
  }

  /** Whether the surrogate at {@code index} has its other half beside it. */
  static boolean isPaired(String text, int index) {
    return Character.isHighSurrogate(text.charAt(index))
        ? index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1))
        : index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
  }
}
