package dev.fluxgate.cli.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import dev.fluxgate.v1.GenerationParameters;
import java.time.Duration;
import java.time.Instant;

/** Values of the wire in words, and messages as JSON. */
final class Texts {
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private Texts() {}

  /** proto3 JSON on one line. */
  static String json(MessageOrBuilder message) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message without Any cannot be printed", e);
    }
  }

  /** "3 min", in the largest unit of which there is one. */
  static String age(Timestamp since, Instant now) {
    long seconds = Math.max(0, Duration.between(instant(since), now).toSeconds());
    if (seconds < MINUTE) {
      return seconds + " s";
    }
    if (seconds < HOUR) {
      return seconds / MINUTE + " min";
    }
    return seconds < DAY ? seconds / HOUR + " h" : seconds / DAY + " d";
  }

  /** The instant; a clock that cannot be is bounded. */
  static Instant instant(Timestamp time) {
    long seconds =
        Math.clamp(time.getSeconds(), Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond());
    return Instant.ofEpochSecond(seconds);
  }

  /** "128 x 96", with the number of pictures where there are several. */
  static String size(GenerationParameters parameters) {
    String size = parameters.getWidth() + " x " + parameters.getHeight();
    return parameters.getNumImages() > 1 ? size + " x " + parameters.getNumImages() : size;
  }
}
