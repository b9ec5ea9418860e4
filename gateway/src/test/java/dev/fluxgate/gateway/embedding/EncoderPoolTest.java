package dev.fluxgate.gateway.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.v1.TensorHeader;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

class EncoderPoolTest {
  private static final EncoderNeed DEV = new EncoderNeed("mistral3", 24);
  private static final EncoderNeed KLEIN = new EncoderNeed("qwen3", 48);
  private static final PromptSpec SPEC = new PromptSpec("a cat", null, 16, List.of(1, 2, 3), false);

  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private final Encoder dev = new Encoder("dev:1", description("mistral3", "d", 8));
  private final Encoder devToo = new Encoder("dev:2", description("mistral3", "d", 8));
  private final Encoder klein = new Encoder("klein:1", description("qwen3", "k", 16));

  @Test
  void findsTheEncoderOfAModelByArchitectureAndWidth() {
    try (EncoderPool pool = EncoderPool.start(List.of(dev, klein))) {
      assertThat(pool.description(KLEIN)).isEqualTo(klein.description);
      assertThat(pool.description(DEV)).isEqualTo(dev.description);
      pool.encode(SPEC, klein.description);

      assertThat(asked).containsExactly("klein:1");
      assertThat(pool.isUp(KLEIN)).isTrue();
    }
  }

  @Test
  void saysWhichEncodersThereAreWhenNoneSuits() {
    try (EncoderPool pool = EncoderPool.start(List.of(dev))) {
      assertThatExceptionOfType(NoEncoderException.class)
          .isThrownBy(() -> pool.description(KLEIN))
          .withMessage(
              "encoder: dev:1 (mistral3, hidden size 8) (expected: one that is qwen3 of width 48)");
      assertThat(pool.isUp(KLEIN)).isFalse();
    }
  }

  @Test
  void saysThatAnEncoderIsAwayRatherThanThatThereIsNone() {
    klein.away = true;
    try (EncoderPool pool = EncoderPool.start(List.of(dev, klein))) {
      assertThatExceptionOfType(EncoderUnavailableException.class)
          .isThrownBy(() -> pool.description(KLEIN))
          .withMessage("klein:1 is away");
      assertThat(pool.description(DEV)).isEqualTo(dev.description);
    }
  }

  @Test
  void takesTurnsAmongEqualEncoders() {
    try (EncoderPool pool = EncoderPool.start(List.of(dev, devToo))) {
      knowBoth(pool);
      for (int i = 0; i < 4; i++) {
        pool.encode(SPEC, dev.description);
      }

      assertThat(asked).hasSize(4).containsOnly("dev:1", "dev:2");
      assertThat(asked.stream().filter("dev:1"::equals)).hasSize(2);
    }
  }

  @Test
  void passesOverAnEncoderThatIsAway() {
    try (EncoderPool pool = EncoderPool.start(List.of(dev, devToo))) {
      knowBoth(pool);
      dev.away = true;
      pool.encode(SPEC, dev.description);
      pool.encode(SPEC, dev.description);

      assertThat(asked).containsExactly("dev:2", "dev:2");
      assertThat(pool.description(DEV)).isEqualTo(devToo.description);
      devToo.away = true;
      assertThatExceptionOfType(EncoderUnavailableException.class)
          .isThrownBy(() -> pool.encode(SPEC, dev.description));
    }
  }

  @Test
  void tellsThatTheDescribedEncoderIsGone() {
    try (EncoderPool pool = EncoderPool.start(List.of(dev))) {
      EncoderDescription before = pool.description(DEV);
      dev.description = description("mistral3", "other", 8);
      assertThatExceptionOfType(EncoderChangedException.class)
          .isThrownBy(() -> pool.encode(SPEC, before));

      assertThat(pool.description(DEV)).isEqualTo(dev.description);
      pool.encode(SPEC, dev.description);
    }
  }

  /** The pool asks in the background; being asked for what nobody has makes it ask now. */
  private static void knowBoth(EncoderPool pool) {
    while (!pool.down().isEmpty()) {
      assertThatExceptionOfType(NoEncoderException.class).isThrownBy(() -> pool.description(KLEIN));
    }
  }

  private static EncoderDescription description(String textEncoder, String hash, int hidden) {
    return new EncoderDescription(
        "family",
        textEncoder,
        new EncoderDescription.Identity(hash, "t", "1", "F32", "none"),
        16,
        64,
        List.of(1, 2, 3),
        4,
        hidden,
        1000,
        false);
  }

  /** An encoder that can be away, and can become another. */
  private final class Encoder implements PromptEncoder {
    private final String target;
    private volatile EncoderDescription description;
    private volatile boolean away;

    Encoder(String target, EncoderDescription description) {
      this.target = target;
      this.description = description;
    }

    @Override
    public String target() {
      return target;
    }

    @Override
    public EncoderDescription describe() {
      requirePresence();
      return description;
    }

    @Override
    public EncodedPrompt encode(PromptSpec spec, EncoderDescription expected) {
      requirePresence();
      if (!expected.equals(description)) {
        throw new EncoderChangedException("one", "another");
      }
      asked.add(target);
      return new EncodedPrompt(
          new PackedTensor(TensorHeader.getDefaultInstance(), ByteString.EMPTY), null, 3, false);
    }

    private void requirePresence() {
      if (away) {
        throw new EncoderUnavailableException(
            target + " is away", new IllegalStateException("away"));
      }
    }

    @Override
    public void close() {}
  }
}
