package dev.fluxgate.gateway.embedding;

/**
 * Which encoders suit a model.
 *
 * @param textEncoder architecture
 * @param textWidth width of the prompt embeds
 */
public record EncoderNeed(String textEncoder, int textWidth) {

  boolean isMetBy(EncoderDescription encoder) {
    return encoder.textEncoder().equals(textEncoder)
        && (long) encoder.hiddenSize() * encoder.defaultOutputLayers().size() == textWidth;
  }

  @Override
  public String toString() {
    return textEncoder + " of width " + textWidth;
  }
}
