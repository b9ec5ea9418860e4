package dev.fluxgate.cli.rpc;

import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.failure.RequestRefusedException;
import dev.fluxgate.cli.job.JobObserver;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.CancelJobRequest;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.DownloadImageRequest;
import dev.fluxgate.v1.DownloadImageResponse;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.GetJobRequest;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceBlockingStub;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.ListJobsRequest;
import dev.fluxgate.v1.ListJobsResponse;
import dev.fluxgate.v1.ListModelsRequest;
import dev.fluxgate.v1.Model;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks a gateway for pictures. Threads may share one. */
public final class ImageGenerationClient implements AutoCloseable {
  private static final int UNARY_DEADLINE_SECONDS = 30;
  private static final int MAX_PAGE = 1000;

  private final String target;
  private final ManagedChannel channel;
  private final ImageGenerationServiceBlockingStub stub;
  private final JobWatchClient watches;

  private ImageGenerationClient(String target, JobWatchClient.Patience patience) {
    this.target = target;
    this.channel = GrpcChannels.open(target);
    this.stub = ImageGenerationServiceGrpc.newBlockingStub(channel);
    this.watches = new JobWatchClient(channel, patience);
  }

  /** Dials the gateway at {@code target}, "host:port". */
  public static ImageGenerationClient dial(String target) {
    return dial(target, JobWatchClient.Patience.STANDARD);
  }

  /** As {@link #dial(String)}, with another patience for watches that break. */
  static ImageGenerationClient dial(String target, JobWatchClient.Patience patience) {
    return new ImageGenerationClient(target, patience);
  }

  /**
   * Hands in a job.
   *
   * @param timeout until it expires; null leaves that to the gateway
   * @throws RequestRefusedException if it can never be drawn
   * @throws GenerationFailedException if the gateway cannot take it
   */
  public Job create(GenerationParameters parameters, @Nullable Duration timeout) {
    CreateJobRequest.Builder request =
        CreateJobRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setParameters(parameters);
    if (timeout != null) {
      request.getTimeoutBuilder().setSeconds(timeout.toSeconds());
    }
    return call(() -> unary().createJob(request.build()).getJob());
  }

  /**
   * Tells {@code observer} of every change of a job until it has ended, and gives its end. Where
   * the stream breaks it is taken up again after the last change seen.
   *
   * @param previews whether previews are wanted, too
   * @throws GenerationFailedException if the gateway is lost for a minute
   */
  public Job watch(String id, boolean previews, JobObserver observer) throws InterruptedException {
    try {
      return watches.watch(id, previews, observer);
    } catch (StatusRuntimeException e) {
      throw translated(e);
    }
  }

  /** What hands pictures and tensors to the same gateway. */
  public InputUploadClient uploads() {
    return new InputUploadClient(channel, this::translated);
  }

  /** A job as it stands. */
  public Job get(String id) {
    return call(() -> unary().getJob(GetJobRequest.newBuilder().setId(id).build()).getJob());
  }

  /**
   * Up to {@code limit} jobs, the newest first.
   *
   * @param states only jobs in one of these; empty: all
   */
  public List<Job> list(Collection<JobState> states, int limit) {
    List<Job> jobs = new ArrayList<>();
    String token = "";
    do {
      ListJobsRequest request =
          ListJobsRequest.newBuilder()
              .setPageSize(Math.min(MAX_PAGE, limit - jobs.size()))
              .setPageToken(token)
              .addAllStates(states)
              .build();
      ListJobsResponse page = call(() -> unary().listJobs(request));
      jobs.addAll(page.getJobsList());
      token = page.getNextPageToken();
    } while (!token.isEmpty() && jobs.size() < limit);
    return jobs.subList(0, Math.min(limit, jobs.size()));
  }

  /** What can be asked for, the default first. */
  public List<Model> models() {
    return call(() -> unary().listModels(ListModelsRequest.getDefaultInstance()).getModelsList());
  }

  /** Asks a job to stop. */
  public Job cancel(String id) {
    CancelJobRequest request = CancelJobRequest.newBuilder().setId(id).build();
    return call(() -> unary().cancelJob(request).getJob());
  }

  /**
   * The bytes of a picture, checked against its hash.
   *
   * @throws GenerationFailedException if they cannot be had, or are others than were promised
   */
  public byte[] download(String id, ImageInfo image) {
    DownloadImageRequest request =
        DownloadImageRequest.newBuilder().setId(id).setIndex(image.getIndex()).build();
    byte[] bytes = call(() -> collect(stub.downloadImage(request), image.getByteSize()));
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

  private static byte[] collect(Iterator<DownloadImageResponse> messages, long size) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      while (messages.hasNext()) {
        messages.next().getData().writeTo(bytes);
        if (bytes.size() > size) {
          throw new GenerationFailedException(
              "picture: more bytes than promised (expected: " + size + ")");
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("an array of the heap cannot be written", e);
    }
    return bytes.toByteArray();
  }

  private <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw translated(e);
    }
  }

  private RuntimeException translated(StatusRuntimeException e) {
    Failure failure = Failure.ofCall(e);
    if (failure.code() == Status.Code.INVALID_ARGUMENT) {
      return new RequestRefusedException(failure.message());
    }
    // A gateway of ours says why; where nobody does, the connection is at fault.
    return new GenerationFailedException(
        failure.reason().equals(failure.code().name())
            ? "server: "
                + target
                + ": "
                + failure.message()
                + causes(e)
                + " (expected: a gateway that answers; fluxgate up starts one)"
            : failure.message());
  }

  /** What the first of all causes says, as the network stack puts it. */
  private static String causes(Throwable thrown) {
    if (thrown.getCause() == null) {
      return "";
    }
    Throwable first = thrown.getCause();
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return ", " + Failure.messageOf(first);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 (expected: in every JDK)", e);
    }
  }
}
