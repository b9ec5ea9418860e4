package dev.fluxgate.gateway.rpc;

import dev.fluxgate.gateway.embedding.EncodedPrompt;
import dev.fluxgate.gateway.embedding.EncoderChangedException;
import dev.fluxgate.gateway.embedding.EncoderDescription;
import dev.fluxgate.gateway.embedding.EncoderGuard;
import dev.fluxgate.gateway.embedding.EncoderUnavailableException;
import dev.fluxgate.gateway.embedding.EncodingFailedException;
import dev.fluxgate.gateway.embedding.PromptEncoder;
import dev.fluxgate.gateway.embedding.PromptSpec;
import dev.fluxgate.proto.tensor.MalformedTensorException;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorLimits;
import dev.fluxgate.proto.tensor.TensorReceiver;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.DescribeRequest;
import dev.fluxgate.v1.DescribeResponse;
import dev.fluxgate.v1.EncodeInfo;
import dev.fluxgate.v1.EncodeRequest;
import dev.fluxgate.v1.EncodeResponse;
import dev.fluxgate.v1.TensorHeader;
import dev.fluxgate.v1.TextEncoderServiceGrpc;
import dev.fluxgate.v1.TextEncoderServiceGrpc.TextEncoderServiceBlockingV2Stub;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Calls {@code TextEncoderService}. */
public final class TextEncoderClient implements PromptEncoder {
  private static final String EMBEDS = "prompt_embeds";
  private static final String POOLED = "pooled_prompt_embeds";
  private static final Duration DESCRIBE_TIMEOUT = Duration.ofSeconds(5);

  private final String target;
  private final ManagedChannel channel;
  private final TextEncoderServiceBlockingV2Stub stub;
  private final EncoderGuard guard;
  private final Calls calls;
  private final Semaphore slots;

  /**
   * How calls are made.
   *
   * @param timeout of one attempt at one prompt
   * @param concurrent most prompts at the encoder at once
   * @param policy how calls are tried again
   */
  public record Calls(Duration timeout, int concurrent, EncoderGuard.Policy policy) {}

  /**
   * A client; it connects with the first call.
   *
   * @param target "host:port" of the encoder
   */
  public TextEncoderClient(String target, Calls calls) {
    this.target = target;
    this.calls = calls;
    channel = GrpcChannels.open(target);
    stub = TextEncoderServiceGrpc.newBlockingV2Stub(channel);
    guard = new EncoderGuard(target, calls.policy());
    slots = new Semaphore(calls.concurrent(), true);
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public EncoderDescription describe() {
    // Whoever asks waits long enough between two tries; gRPC would wait up to two minutes.
    channel.resetConnectBackoff();
    try {
      DescribeResponse response =
          stub.withDeadlineAfter(DESCRIBE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
              .describe(DescribeRequest.getDefaultInstance());
      return description(response);
    } catch (StatusException e) {
      throw unavailable(Failure.ofCall(e), e);
    }
  }

  private static EncoderDescription description(DescribeResponse response) {
    return new EncoderDescription(
        response.getFamily(),
        response.getTextEncoder(),
        new EncoderDescription.Identity(
            response.getModelHash(),
            response.getTokenizerHash(),
            response.getTemplateVersion(),
            response.getDtype().name(),
            response.getQuantization()),
        response.getDefaultMaxSequenceLength(),
        response.getMaxSequenceLengthLimit(),
        response.getDefaultOutputLayersList(),
        response.getDepth(),
        response.getHiddenSize(),
        response.getMaxPromptBytes(),
        response.getUpsampling());
  }

  @Override
  public EncodedPrompt encode(PromptSpec spec, EncoderDescription expected) {
    EncodeRequest.Builder request =
        EncodeRequest.newBuilder()
            .setPrompt(spec.prompt())
            .setMaxSequenceLength(spec.maxSequenceLength())
            .addAllOutputLayers(spec.outputLayers())
            .addTensors(EMBEDS);
    if (spec.prompt2() != null) {
      request.setPrompt2(spec.prompt2());
    }
    if (spec.pooled()) {
      request.addTensors(POOLED);
    }
    EncodeRequest whole = request.build();
    return guard.call(() -> encode(whole, expected));
  }

  private EncodedPrompt encode(EncodeRequest request, EncoderDescription expected) {
    slots.acquireUninterruptibly();
    BlockingClientCall<?, EncodeResponse> call =
        stub.withDeadlineAfter(calls.timeout().toMillis(), TimeUnit.MILLISECONDS).encode(request);
    try {
      return receive(call, request, expected);
    } catch (StatusException e) {
      throw refusal(Failure.ofCall(e), e);
    } catch (MalformedTensorException e) {
      throw new EncodingFailedException("MALFORMED_TENSOR", Failure.messageOf(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EncodingFailedException("INTERRUPTED", "the gateway is stopping", e);
    } finally {
      slots.release();
      // Without effect on a call that has ended.
      call.cancel("no longer needed", null);
    }
  }

  private EncodedPrompt receive(
      BlockingClientCall<?, EncodeResponse> call,
      EncodeRequest request,
      EncoderDescription expected)
      throws StatusException, InterruptedException {
    EncodeInfo info = next(call, EncodeResponse.PartCase.INFO).getInfo();
    EncoderDescription.Identity identity = expected.identity();
    if (!info.getModelHash().equals(identity.modelHash())
        || !info.getTokenizerHash().equals(identity.tokenizerHash())) {
      throw new EncoderChangedException(
          info.getModelHash() + " with tokenizer " + info.getTokenizerHash(),
          identity.modelHash() + " with tokenizer " + identity.tokenizerHash());
    }
    PackedTensor embeds = tensor(call, EMBEDS);
    PackedTensor pooled = request.getTensorsList().contains(POOLED) ? tensor(call, POOLED) : null;
    return new EncodedPrompt(embeds, pooled, info.getTokenCount(), info.getTruncated());
  }

  private PackedTensor tensor(BlockingClientCall<?, EncodeResponse> call, String name)
      throws StatusException, InterruptedException {
    TensorHeader header = next(call, EncodeResponse.PartCase.HEADER).getHeader();
    if (!header.getName().equals(name)) {
      throw malformed("\"" + header.getName() + "\"", "tensor \"" + name + "\"");
    }
    TensorReceiver receiver = new TensorReceiver(header, TensorLimits.PROMPT_EMBEDS);
    while (!receiver.isComplete()) {
      receiver.accept(next(call, EncodeResponse.PartCase.CHUNK).getChunk());
    }
    return receiver.finish();
  }

  private EncodeResponse next(
      BlockingClientCall<?, EncodeResponse> call, EncodeResponse.PartCase part)
      throws StatusException, InterruptedException {
    EncodeResponse response = call.read();
    EncodeResponse.PartCase found =
        response == null ? EncodeResponse.PartCase.PART_NOT_SET : response.getPartCase();
    if (response == null || found != part) {
      throw malformed(found.toString(), part.toString());
    }
    return response;
  }

  private EncodingFailedException malformed(String found, String expected) {
    return new EncodingFailedException(
        "MALFORMED_ANSWER",
        "encoder " + target + ": " + found + " (expected: " + expected + ")",
        new IllegalStateException("unexpected part"));
  }

  private RuntimeException refusal(Failure failure, StatusException e) {
    return switch (failure.code()) {
      case UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN ->
          unavailable(failure, e);
      default -> new EncodingFailedException(failure.reason(), failure.message(), e);
    };
  }

  private EncoderUnavailableException unavailable(Failure failure, StatusException e) {
    return new EncoderUnavailableException(
        "encoder " + target + ": " + failure.message() + " (expected: one that answers)", e);
  }

  @Override
  public void close() {
    GrpcChannels.close(channel);
  }
}
