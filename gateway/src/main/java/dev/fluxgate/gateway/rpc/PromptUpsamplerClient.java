package dev.fluxgate.gateway.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.upsample.PromptUpsampler;
import dev.fluxgate.gateway.upsample.UpsampledPrompt;
import dev.fluxgate.gateway.upsample.UpsamplerGuard;
import dev.fluxgate.gateway.upsample.UpsamplerUnavailableException;
import dev.fluxgate.gateway.upsample.UpsamplingFailedException;
import dev.fluxgate.gateway.upsample.UpsamplingRequest;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.TextEncoderServiceGrpc;
import dev.fluxgate.v1.TextEncoderServiceGrpc.TextEncoderServiceBlockingV2Stub;
import dev.fluxgate.v1.UpsamplePromptRequest;
import dev.fluxgate.v1.UpsamplePromptResponse;
import dev.fluxgate.v1.UpsamplingSettings;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Asks an encoder's own language model: {@code TextEncoderService.UpsamplePrompt}. */
public final class PromptUpsamplerClient implements PromptUpsampler {
  private static final int CHUNK_BYTES = 1 << 20;

  private final String target;
  private final Duration timeout;
  private final ManagedChannel channel;
  private final TextEncoderServiceBlockingV2Stub stub;
  private final UpsamplerGuard guard;

  /**
   * A client; it connects with the first call.
   *
   * @param target "host:port" of the encoder
   * @param timeout of one attempt
   */
  public PromptUpsamplerClient(String target, Duration timeout, UpsamplerGuard.Policy policy) {
    this.target = target;
    this.timeout = timeout;
    channel = GrpcChannels.open(target);
    stub = TextEncoderServiceGrpc.newBlockingV2Stub(channel);
    guard = new UpsamplerGuard(target(), policy);
  }

  @Override
  public String target() {
    return "encoder " + target;
  }

  @Override
  public UpsampledPrompt upsample(UpsamplingRequest request) {
    return guard.call(() -> attempt(request));
  }

  private UpsampledPrompt attempt(UpsamplingRequest request) {
    BlockingClientCall<UpsamplePromptRequest, UpsamplePromptResponse> call =
        stub.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS).upsamplePrompt();
    try {
      send(call, request);
      UpsamplePromptResponse response = call.read();
      if (response == null || response.getPrompt().isBlank()) {
        throw new UpsamplingFailedException(
            "MALFORMED_ANSWER", target() + ": no text (expected: a prompt)", null);
      }
      return new UpsampledPrompt(
          response.getPrompt().strip(),
          response.getModelHash(),
          response.getNewTokens(),
          response.getCutShort());
    } catch (StatusException e) {
      throw refusal(Failure.ofCall(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UpsamplingFailedException("INTERRUPTED", "the gateway is stopping", e);
    } finally {
      // Without effect on a call that has ended.
      call.cancel("no longer needed", null);
    }
  }

  private static void send(
      BlockingClientCall<UpsamplePromptRequest, ?> call, UpsamplingRequest request)
      throws InterruptedException, StatusException {
    UpsamplingSettings.Builder settings =
        UpsamplingSettings.newBuilder()
            .setPrompt(request.prompt())
            .setTemperature(request.temperature())
            .setSeed(request.seed())
            .setMaxNewTokens(request.maxNewTokens());
    request.pictures().forEach(picture -> settings.addImageBytes(picture.file().size()));
    boolean open = call.write(UpsamplePromptRequest.newBuilder().setSettings(settings).build());
    for (UpsamplingRequest.Picture picture : request.pictures()) {
      ByteString file = picture.file();
      for (int from = 0; open && from < file.size(); from += CHUNK_BYTES) {
        ByteString chunk = file.substring(from, Math.min(file.size(), from + CHUNK_BYTES));
        open = call.write(UpsamplePromptRequest.newBuilder().setImageChunk(chunk).build());
      }
    }
    // A call that was refused meanwhile takes no more; reading tells why.
    if (open) {
      call.halfClose();
    }
  }

  private RuntimeException refusal(Failure failure, StatusException e) {
    return switch (failure.code()) {
      case UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN ->
          new UpsamplerUnavailableException(
              target() + ": " + failure.message() + " (expected: one that answers)", e);
      // One of an older version does not know the call.
      case UNIMPLEMENTED ->
          new UpsamplingFailedException(
              UpsamplingFailedException.NO_UPSAMPLING, target() + ": " + failure.message(), e);
      default -> new UpsamplingFailedException(failure.reason(), failure.message(), e);
    };
  }

  @Override
  public void close() {
    GrpcChannels.close(channel);
  }
}
