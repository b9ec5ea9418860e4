package dev.fluxgate.gateway.rpc;

import dev.fluxgate.gateway.input.InputReceiver;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.UploadInputRequest;
import dev.fluxgate.v1.UploadInputResponse;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** One input on its way in. */
final class InputUploadEndpoint implements StreamObserver<UploadInputRequest> {
  private final InputStore inputs;
  private final StreamObserver<UploadInputResponse> response;
  private @Nullable InputReceiver receiver;

  InputUploadEndpoint(InputStore inputs, StreamObserver<UploadInputResponse> response) {
    this.inputs = inputs;
    this.response = response;
  }

  @Override
  public void onNext(UploadInputRequest request) {
    InputReceiver begun = receiver;
    if (begun == null) {
      if (!request.hasHeader()) {
        throw part(request.getPartCase(), "HEADER first");
      }
      receiver = InputCodec.receiver(request.getHeader(), inputs);
    } else if (request.hasData()) {
      begun.accept(request.getData());
    } else {
      throw part(request.getPartCase(), "DATA after the header");
    }
  }

  private static InvalidFieldException part(Object found, String expected) {
    return new InvalidFieldException("part", "part: " + found + " (expected: " + expected + ")");
  }

  @Override
  public void onCompleted() {
    if (receiver == null) {
      throw part("none", "HEADER, then DATA");
    }
    InputReceiver.Received received = receiver.finish();
    inputs.put(received.input(), received.bytes());
    response.onNext(InputCodec.stored(received.input()));
    response.onCompleted();
  }

  @Override
  public void onError(Throwable thrown) {
    // The user broke off; what was sent is dropped with this object.
  }
}
