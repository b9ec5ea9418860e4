package dev.fluxgate.encoder.rpc;

import dev.fluxgate.encoder.batch.EncodeBatcher;
import dev.fluxgate.encoder.batch.EncodeTicket;
import dev.fluxgate.encoder.embed.NonFiniteEmbedsException;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.generate.NonFiniteLogitsException;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.upsample.CannotUpsampleException;
import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import dev.fluxgate.engine.checkpoint.CheckpointException;
import dev.fluxgate.serving.BoundedStream;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.QueueFullException;
import dev.fluxgate.serving.StatusMapping;
import dev.fluxgate.v1.DescribeRequest;
import dev.fluxgate.v1.DescribeResponse;
import dev.fluxgate.v1.EncodeRequest;
import dev.fluxgate.v1.EncodeResponse;
import dev.fluxgate.v1.TextEncoderServiceGrpc.TextEncoderServiceImplBase;
import dev.fluxgate.v1.UpsamplePromptRequest;
import dev.fluxgate.v1.UpsamplePromptResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves text_encoder.proto. A call waits on its own virtual thread; a caller that leaves, or whose
 * deadline passes, gives up its place in the queue; an answer is sent no faster than it is read.
 */
public final class TextEncoderEndpoint extends TextEncoderServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(TextEncoderEndpoint.class);
  private static final Duration BUSY_RETRY = Duration.ofSeconds(1);

  private final EncoderModel model;
  private final EncodeBatcher batcher;
  private final EncodeRequestCodec requests;
  private final UpsamplePromptEndpoint upsampling;
  private final int maxCalls;
  private final Semaphore calls;

  /**
   * Serves one model.
   *
   * @param maxSequenceLength largest length a request may name
   * @param maxCalls most calls at once; each may hold its whole answer while a slow reader takes it
   */
  public TextEncoderEndpoint(
      EncoderModel model, EncodeBatcher batcher, int maxSequenceLength, int maxCalls) {
    this.model = model;
    this.batcher = batcher;
    this.maxCalls = maxCalls;
    requests = new EncodeRequestCodec(model, maxSequenceLength);
    calls = new Semaphore(maxCalls);
    upsampling =
        new UpsamplePromptEndpoint(model.upsampling(), batcher, model.identity().modelHash());
  }

  /** What the exceptions of this module are to a caller. */
  public static StatusMapping statuses() {
    return StatusMapping.standard()
        .with(
            NonFiniteEmbedsException.class,
            // Not INTERNAL: the same weights give the same to every other try.
            e ->
                Failure.of(
                    Status.Code.FAILED_PRECONDITION, "NON_FINITE_EMBEDS", Failure.messageOf(e)))
        .with(
            NonFiniteLogitsException.class,
            e ->
                Failure.of(
                    Status.Code.FAILED_PRECONDITION, "NON_FINITE_LOGITS", Failure.messageOf(e)))
        .with(
            CannotUpsampleException.class,
            e -> Failure.of(Status.Code.FAILED_PRECONDITION, "NO_UPSAMPLING", Failure.messageOf(e)))
        .with(
            BackendLostException.class,
            // Another encoder can do it, or this one once it is started anew.
            e -> Failure.of(Status.Code.UNAVAILABLE, "DEVICE_LOST", Failure.messageOf(e)))
        .with(
            DeviceMemoryException.class,
            // Not RESOURCE_EXHAUSTED: nobody gains by asking for the same again.
            e -> Failure.of(Status.Code.FAILED_PRECONDITION, "TOO_LARGE", Failure.messageOf(e)))
        .with(
            CheckpointException.class,
            e -> Failure.of(Status.Code.FAILED_PRECONDITION, "BROKEN_MODEL", Failure.messageOf(e)));
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> observer) {
    EncoderModel.Identity identity = model.identity();
    EncoderModel.Sizes sizes = model.sizes();
    observer.onNext(
        DescribeResponse.newBuilder()
            .setFamily(identity.family())
            .setModelHash(identity.modelHash())
            .setTokenizerHash(identity.tokenizerHash())
            .setTemplateVersion(identity.templateVersion())
            .setDtype(PromptEmbedsCodec.dtype(model.computeType()))
            .setQuantization("none")
            .setDefaultMaxSequenceLength(requests.defaultLength())
            .setMaxSequenceLengthLimit(requests.maxSequenceLength())
            .addAllDefaultOutputLayers(model.defaultOutputLayers().indices())
            .setDepth(sizes.depth())
            .setHiddenSize(sizes.hiddenSize())
            .setPooledSize(sizes.pooledSize())
            .setMaxPromptBytes(Prompt.MAX_BYTES)
            .setTextEncoder(model.textEncoder())
            .setUpsampling(upsampling.isAble())
            .setUpsamplingImages(upsampling.canSee())
            .build());
    observer.onCompleted();
  }

  @Override
  public void encode(EncodeRequest request, StreamObserver<EncodeResponse> observer) {
    if (!calls.tryAcquire()) {
      throw tooManyCalls();
    }
    // gRPC ends the context of a call with the call, however that ends.
    Context.current().addListener(_ -> calls.release(), Runnable::run);
    long start = System.nanoTime();
    EncodeRequestCodec.Encoding encoding = requests.decode(request);
    EncodeTicket ticket = batcher.submit(encoding.tokens(), encoding.layers());
    Context.current().addListener(_ -> ticket.cancel(), Runnable::run);
    PromptEmbeds embeds = ticket.await();
    LOG.info("encoded {} in {} ms", encoding.tokens(), (System.nanoTime() - start) / 1_000_000);
    BoundedStream.send(observer, PromptEmbedsCodec.messages(model.identity(), encoding, embeds));
  }

  @Override
  public StreamObserver<UpsamplePromptRequest> upsamplePrompt(
      StreamObserver<UpsamplePromptResponse> observer) {
    if (!calls.tryAcquire()) {
      return UpsamplePromptEndpoint.refuse(observer, tooManyCalls());
    }
    Context.current().addListener(_ -> calls.release(), Runnable::run);
    return upsampling.take(observer);
  }

  private QueueFullException tooManyCalls() {
    return new QueueFullException(
        "calls: " + maxCalls + " at once already (expected: at most " + maxCalls + ")", BUSY_RETRY);
  }
}
