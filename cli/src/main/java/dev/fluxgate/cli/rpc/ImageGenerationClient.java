package dev.fluxgate.cli.rpc;

import dev.fluxgate.cli.generate.GenerationFailedException;
import dev.fluxgate.cli.generate.RequestRefusedException;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.CancelJobRequest;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.DownloadImageRequest;
import dev.fluxgate.v1.DownloadImageResponse;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceBlockingStub;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.WatchJobRequest;
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Iterator;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Asks a gateway for pictures. Threads may share one. */
public final class ImageGenerationClient implements AutoCloseable {
  private static final int UNARY_DEADLINE_SECONDS = 30;

  private final ManagedChannel channel;
  private final ImageGenerationServiceBlockingStub stub;

  private ImageGenerationClient(ManagedChannel channel) {
    this.channel = channel;
    this.stub = ImageGenerationServiceGrpc.newBlockingStub(channel);
  }

  /** Dials the gateway at {@code target}, "host:port". */
  public static ImageGenerationClient dial(String target) {
    return new ImageGenerationClient(GrpcChannels.open(target));
  }

  /**
   * Hands in a job.
   *
   * @throws RequestRefusedException if it can never be drawn
   * @throws GenerationFailedException if the gateway cannot take it
   */
  public Job create(GenerationParameters parameters) {
    CreateJobRequest request =
        CreateJobRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setParameters(parameters)
            .build();
    return call(() -> unary().createJob(request).getJob());
  }

  /**
   * Tells {@code observer} of every change of a job until it has ended, and gives its end.
   *
   * @throws GenerationFailedException if the gateway is lost
   */
  public Job watch(String id, Consumer<Job> observer) {
    WatchJobRequest request = WatchJobRequest.newBuilder().setId(id).build();
    return call(() -> {
      Job last = Job.getDefaultInstance();
      for (Iterator<WatchJobResponse> it = stub.watchJob(request); it.hasNext(); ) {
        last = it.next().getJob();
        observer.accept(last);
      }
      return last;
    });
  }

  /** Asks a job to stop. */
  public JobState cancel(String id) {
    CancelJobRequest request = CancelJobRequest.newBuilder().setId(id).build();
    return call(() -> unary().cancelJob(request).getJob().getState());
  }

  /**
   * The bytes of a picture, checked against its hash.
   *
   * @throws GenerationFailedException if they cannot be had, or are others than were promised
   */
  public byte[] download(String id, ImageInfo image) {
    DownloadImageRequest request =
        DownloadImageRequest.newBuilder().setId(id).setIndex(image.getIndex()).build();
    byte[] bytes = call(() -> collect(stub.downloadImage(request)));
    if (!MessageDigest.isEqual(sha256().digest(bytes), image.getSha256().toByteArray())) {
      throw new GenerationFailedException(
          "picture " + image.getIndex() + ": " + bytes.length + " bytes arrived damaged");
    }
    return bytes;
  }

  @Override
  public void close() {
    GrpcChannels.close(channel);
  }

  private ImageGenerationServiceBlockingStub unary() {
    return stub.withDeadlineAfter(UNARY_DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private static byte[] collect(Iterator<DownloadImageResponse> messages) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      while (messages.hasNext()) {
        messages.next().getData().writeTo(bytes);
      }
    } catch (IOException e) {
      throw new IllegalStateException("an array of the heap cannot be written", e);
    }
    return bytes.toByteArray();
  }

  private static <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      Failure failure = Failure.ofCall(e);
      if (failure.code() == Status.Code.INVALID_ARGUMENT) {
        throw new RequestRefusedException(failure.message());
      }
      throw new GenerationFailedException(failure.message());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 (expected: in every JDK)", e);
    }
  }
}
