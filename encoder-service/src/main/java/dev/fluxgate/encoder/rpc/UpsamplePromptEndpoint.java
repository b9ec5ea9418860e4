package dev.fluxgate.encoder.rpc;

import dev.fluxgate.encoder.batch.EncodeBatcher;
import dev.fluxgate.encoder.batch.StepTicket;
import dev.fluxgate.encoder.upsample.CannotUpsampleException;
import dev.fluxgate.encoder.upsample.PromptUpsampling;
import dev.fluxgate.encoder.upsample.Upsampled;
import dev.fluxgate.encoder.upsample.UpsamplingSpec;
import dev.fluxgate.encoder.upsample.UpsamplingTask;
import dev.fluxgate.image.decode.DecodeLimits;
import dev.fluxgate.image.decode.PictureDecoder;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.serving.QueueFullException;
import dev.fluxgate.v1.UpsamplePromptRequest;
import dev.fluxgate.v1.UpsamplePromptResponse;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves UpsamplePrompt for {@link TextEncoderEndpoint}. A call takes room for its pictures before
 * their first byte, and gives it back with its end; a caller that leaves, or whose deadline passes,
 * stops its answer at the next token.
 */
final class UpsamplePromptEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(UpsamplePromptEndpoint.class);
  private static final Duration BUSY_RETRY = Duration.ofSeconds(2);

  /** Bytes of pictures that all calls together may hold. */
  private static final int MAX_BYTES = 256 << 20;

  /** Most calls that hold decoded pictures at once. */
  private static final int MAX_DECODING = 2;

  private static final DecodeLimits LIMITS =
      new DecodeLimits((int) UpsamplePromptCodec.MAX_PICTURE_BYTES, 1L << 24);

  private final @Nullable PromptUpsampling upsampling;
  private final EncodeBatcher batcher;
  private final String modelHash;
  private final Semaphore bytes = new Semaphore(MAX_BYTES);
  private final Semaphore decoding = new Semaphore(MAX_DECODING, true);

  /**
   * Serves one model.
   *
   * @param upsampling null where the encoder has no language model
   */
  UpsamplePromptEndpoint(
      @Nullable PromptUpsampling upsampling, EncodeBatcher batcher, String modelHash) {
    this.upsampling = upsampling;
    this.batcher = batcher;
    this.modelHash = modelHash;
  }

  /** Whether calls can be answered. */
  boolean isAble() {
    return upsampling != null;
  }

  /** Whether pictures are taken. */
  boolean canSee() {
    return upsampling != null && upsampling.sight() != null;
  }

  /** Takes a call, or refuses it where there is nothing to ask. */
  StreamObserver<UpsamplePromptRequest> take(StreamObserver<UpsamplePromptResponse> observer) {
    PromptUpsampling able = upsampling;
    if (able == null) {
      return refuse(
          observer,
          new CannotUpsampleException(
              "upsampling: not here (expected: an encoder with a language model and its head)"));
    }
    return new Call(able, observer);
  }

  /** Ends a call of which nothing is read: what a method throws before that reaches nobody. */
  static StreamObserver<UpsamplePromptRequest> refuse(
      StreamObserver<UpsamplePromptResponse> observer, RuntimeException reason) {
    observer.onError(reason);
    return new Unread();
  }

  /** Takes what still comes on a call that has ended. */
  private static final class Unread implements StreamObserver<UpsamplePromptRequest> {
    @Override
    public void onNext(UpsamplePromptRequest message) {
      LOG.trace("a message of a refused call");
    }

    @Override
    public void onError(Throwable thrown) {
      LOG.trace("the caller of a refused call left");
    }

    @Override
    public void onCompleted() {
      LOG.trace("the end of a refused call");
    }
  }

  /** One call. */
  private final class Call implements StreamObserver<UpsamplePromptRequest> {
    private final PromptUpsampling able;
    private final StreamObserver<UpsamplePromptResponse> observer;
    private final UpsamplePromptCodec codec = new UpsamplePromptCodec();
    private boolean begun;

    /** Whether a message was refused, with which the call has ended. */
    private boolean ended;

    Call(PromptUpsampling able, StreamObserver<UpsamplePromptResponse> observer) {
      this.able = able;
      this.observer = observer;
    }

    @Override
    public void onNext(UpsamplePromptRequest message) {
      if (ended) {
        return;
      }
      ended = true;
      codec.accept(message);
      if (!begun) {
        begun = true;
        reserve((int) codec.announcedBytes());
      }
      ended = false;
    }

    @Override
    public void onError(Throwable thrown) {
      // The caller is gone; what it held is given back with the context of the call.
      LOG.debug("a caller left before its pictures were complete");
    }

    @Override
    public void onCompleted() {
      if (ended) {
        return;
      }
      long start = System.nanoTime();
      StepTicket<Upsampled> ticket = batcher.submit(new UpsamplingTask(able, prepare()));
      Context.current().addListener(_ -> ticket.cancel(), Runnable::run);
      Upsampled answer = ticket.await();
      LOG.info("upsampled {} in {} ms", answer, (System.nanoTime() - start) / 1_000_000);
      observer.onNext(
          UpsamplePromptResponse.newBuilder()
              .setPrompt(answer.prompt())
              .setPromptTokens(answer.promptTokens())
              .setNewTokens(answer.newTokens())
              .setCutShort(answer.cutShort())
              .setModelHash(modelHash)
              .build());
      observer.onCompleted();
    }

    private void reserve(int announced) {
      if (!bytes.tryAcquire(announced)) {
        throw new QueueFullException(
            "image_bytes: " + announced + " more (expected: " + MAX_BYTES + " of all calls)",
            BUSY_RETRY);
      }
      // gRPC ends the context of a call with the call, however that ends.
      Context.current().addListener(_ -> bytes.release(announced), Runnable::run);
    }

    private PromptUpsampling.Conversation prepare() {
      decoding.acquireUninterruptibly();
      try {
        UpsamplingSpec spec =
            codec.finish((name, file) -> PictureDecoder.decode(name, file, LIMITS).toRgb());
        return able.prepare(spec);
      } catch (IllegalArgumentException e) {
        throw new InvalidFieldException("prompt", String.valueOf(e.getMessage()));
      } finally {
        decoding.release();
      }
    }
  }
}
