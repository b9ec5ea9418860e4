package dev.fluxgate.encoder;

import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;

/**
 * Every setting of an encoder process.
 *
 * @param model folder of a FLUX model; its tokenizers and text encoders are used
 * @param dtype type of weights and embeds: F32 or BF16
 * @param device back end: "auto", "cpu", "cuda:N" or "reference"
 * @param host address to listen at
 * @param port port to listen at; 0 takes any free one
 * @param limits what may wait, run together and be asked for
 */
public record EncoderConfig(
    Path model, DType dtype, String device, String host, int port, Limits limits) {

  /**
   * What may wait, run together and be asked for.
   *
   * @param queueCapacity most prompts that wait for the device; more are refused
   * @param maxBatch most prompts encoded together
   * @param maxSequenceLength most token positions of a request; activations grow with it
   * @param maxCalls most calls at once, waiting or answering; each may hold its answer
   */
  public record Limits(int queueCapacity, int maxBatch, int maxSequenceLength, int maxCalls) {
    /** 64 waiting prompts, 4 in a batch, 2048 positions, 128 calls. */
    public static final Limits STANDARD = new Limits(64, 4, 2048, 128);

    /** Checks every value; errors name the setting. */
    public Limits {
      checkRange("queue-capacity", queueCapacity, 1, 1_000_000);
      checkRange("max-batch", maxBatch, 1, 1024);
      checkRange("max-sequence-length", maxSequenceLength, 1, 1 << 17);
      checkRange("max-calls", maxCalls, 1, 1_000_000);
    }
  }

  /** Checks what can be checked without opening the model; errors name the setting. */
  public EncoderConfig {
    if (!dtype.isCompute()) {
      throw new IllegalArgumentException("encoder.dtype: " + dtype + " (expected: F32 or BF16)");
    }
    checkRange("port", port, 0, 65_535);
  }

  /** The usual: bfloat16, the fastest back end, any free port of this machine alone. */
  public static EncoderConfig of(Path model) {
    return new EncoderConfig(model, DType.BF16, "auto", "127.0.0.1", 0, Limits.STANDARD);
  }

  /** The same with another type. */
  public EncoderConfig withDtype(DType other) {
    return new EncoderConfig(model, other, device, host, port, limits);
  }

  /** The same on another back end. */
  public EncoderConfig withDevice(String other) {
    return new EncoderConfig(model, dtype, other, host, port, limits);
  }

  /** The same at another address. */
  public EncoderConfig withAddress(String otherHost, int otherPort) {
    return new EncoderConfig(model, dtype, device, otherHost, otherPort, limits);
  }

  private static void checkRange(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "encoder." + name + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }
}
