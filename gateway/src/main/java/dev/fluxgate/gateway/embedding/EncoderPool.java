package dev.fluxgate.gateway.embedding;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The encoders of this gateway, of one family or several. Asks each what it is, again and again, so
 * that nobody who hands in a job waits for an encoder that is down; spreads prompts over equal
 * ones.
 */
public final class EncoderPool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EncoderPool.class);
  private static final Duration DOWN_PERIOD = Duration.ofMillis(500);
  private static final Duration UP_PERIOD = Duration.ofSeconds(5);

  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger turn = new AtomicInteger();
  private final List<Member> members;

  private EncoderPool(List<? extends PromptEncoder> encoders) {
    members = encoders.stream().map(Member::new).toList();
  }

  /** Takes these encoders over, and begins to ask what they are. They may come later. */
  public static EncoderPool start(List<? extends PromptEncoder> encoders) {
    EncoderPool pool = new EncoderPool(encoders);
    pool.members.forEach(member ->
        Thread.ofVirtual()
            .name("gateway-encoder-watch " + member.encoder.target())
            .start(() -> pool.watch(member)));
    return pool;
  }

  /**
   * What the encoder of a model is; as it was when it last answered.
   *
   * @throws EncoderUnavailableException if it has never answered
   * @throws NoEncoderException if there is none
   */
  public EncoderDescription description(EncoderNeed need) {
    return find(need).or(() -> askTheUnknown(need)).orElseThrow(() -> missing(need));
  }

  /** Whether an encoder for this answers. */
  public boolean isUp(EncoderNeed need) {
    return members.stream().anyMatch(member -> member.isUp() && member.meets(need));
  }

  /** Whether any encoder said that it rewrites prompts. */
  public boolean canUpsample() {
    return members.stream()
        .map(member -> member.description)
        .anyMatch(known -> known != null && known.upsampling());
  }

  /** "host:port" of the encoders that do not answer. */
  public List<String> down() {
    return members.stream()
        .filter(member -> !member.isUp())
        .map(member -> member.encoder.target())
        .toList();
  }

  private Optional<EncoderDescription> find(EncoderNeed need) {
    return members.stream()
        .filter(member -> member.meets(need))
        // Stable: of several the first in the order of the configuration, but rather one that is
        // up.
        .sorted(Comparator.comparing(member -> !member.isUp()))
        .map(member -> member.description)
        .findFirst();
  }

  private Optional<EncoderDescription> askTheUnknown(EncoderNeed need) {
    members.stream().filter(member -> member.description == null).forEach(Member::ask);
    return find(need);
  }

  private RuntimeException missing(EncoderNeed need) {
    for (Member member : members) {
      EncoderUnavailableException failure = member.failure;
      if (member.description == null && failure != null) {
        return new EncoderUnavailableException(
            failure.getMessage() == null ? member.encoder.target() : failure.getMessage(), failure);
      }
    }
    return new NoEncoderException(
        need, members.stream().map(Member::toString).collect(Collectors.joining("; ")));
  }

  /**
   * Encodes one prompt; blocks. An encoder that does not answer is passed over for an equal one.
   *
   * @param expected the encoder whose embedding is wanted
   * @throws EncoderChangedException if there is no such encoder any more
   * @throws EncoderUnavailableException if none of them answered
   * @throws EncodingFailedException if one refused the prompt
   */
  public EncodedPrompt encode(PromptSpec spec, EncoderDescription expected) {
    List<Member> equal = inTurn(expected.identity());
    for (Member member : equal) {
      try {
        return member.encoder.encode(spec, expected);
      } catch (EncoderUnavailableException e) {
        member.lost(e);
        if (member.equals(equal.getLast())) {
          throw e;
        }
      } catch (EncoderChangedException e) {
        member.ask();
        throw e;
      }
    }
    throw new EncoderChangedException(
        members.stream().map(Member::toString).collect(Collectors.joining("; ")),
        expected.identity().toString());
  }

  /** Members of one identity, those that are up first, each time beginning with another. */
  private List<Member> inTurn(EncoderDescription.Identity identity) {
    List<Member> equal =
        members.stream()
            .filter(member -> {
              EncoderDescription description = member.description;
              return description != null && description.identity().equals(identity);
            })
            .collect(Collectors.toCollection(ArrayList::new));
    if (!equal.isEmpty()) {
      Collections.rotate(equal, Math.floorMod(turn.getAndIncrement(), equal.size()));
    }
    equal.sort(Comparator.comparing(member -> !member.isUp()));
    return equal;
  }

  private void watch(Member member) {
    try {
      do {
        member.ask();
      } while (!closed.await(
          (member.isUp() ? UP_PERIOD : DOWN_PERIOD).toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    members.forEach(member -> member.encoder.close());
  }

  /** One encoder, and what is known of it. */
  private static final class Member {
    private final PromptEncoder encoder;
    private volatile @Nullable EncoderDescription description;
    private volatile @Nullable EncoderUnavailableException failure;
    private volatile boolean up;

    Member(PromptEncoder encoder) {
      this.encoder = encoder;
    }

    boolean isUp() {
      return up && description != null;
    }

    boolean meets(EncoderNeed need) {
      EncoderDescription known = description;
      return known != null && need.isMetBy(known);
    }

    void ask() {
      try {
        EncoderDescription told = encoder.describe();
        boolean isNews = !up || !told.equals(description);
        // First: whoever finds an encoder by its description finds it up.
        up = true;
        description = told;
        if (isNews) {
          LOG.info(
              "encoder {} answers: {}, {}",
              encoder.target(),
              told.family(),
              told.identity().modelHash());
        }
      } catch (EncoderUnavailableException e) {
        lost(e);
      }
    }

    void lost(EncoderUnavailableException e) {
      if (up) {
        LOG.warn("{}", e.getMessage());
      } else if (failure == null) {
        // Processes start in any order.
        LOG.info("encoder {} is not there yet", encoder.target());
      }
      failure = e;
      up = false;
    }

    @Override
    public String toString() {
      EncoderDescription known = description;
      return encoder.target()
          + (known == null
              ? " (never answered)"
              : " (" + known.textEncoder() + ", hidden size " + known.hiddenSize() + ")");
    }
  }
}
