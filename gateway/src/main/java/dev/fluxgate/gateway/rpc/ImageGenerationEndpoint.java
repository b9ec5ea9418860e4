package dev.fluxgate.gateway.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobEvents;
import dev.fluxgate.serving.BoundedStream;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.CancelJobRequest;
import dev.fluxgate.v1.CancelJobResponse;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.CreateJobResponse;
import dev.fluxgate.v1.DownloadImageRequest;
import dev.fluxgate.v1.DownloadImageResponse;
import dev.fluxgate.v1.GetJobRequest;
import dev.fluxgate.v1.GetJobResponse;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceImplBase;
import dev.fluxgate.v1.WatchJobRequest;
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Serves {@code ImageGenerationService} to users. */
public final class ImageGenerationEndpoint extends ImageGenerationServiceImplBase {
  /** Whose all jobs are until callers prove who they are. */
  private static final String TENANT = "local";

  private static final int CHUNK_BYTES = 1 << 20;

  private final ImageGeneration generation;
  private final JobEvents events;

  /** Serves the jobs of {@code generation}. */
  public ImageGenerationEndpoint(ImageGeneration generation, JobEvents events) {
    this.generation = generation;
    this.events = events;
  }

  @Override
  public void createJob(CreateJobRequest request, StreamObserver<CreateJobResponse> response) {
    Job job =
        generation.create(
            JobCodec.request(TENANT, request), JobCodec.wish(request.getParameters()));
    answer(response, CreateJobResponse.newBuilder().setJob(JobCodec.message(job)).build());
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> response) {
    Job job = generation.find(TENANT, request.getId());
    answer(response, GetJobResponse.newBuilder().setJob(JobCodec.message(job)).build());
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> response) {
    Job job = generation.cancel(TENANT, request.getId());
    answer(response, CancelJobResponse.newBuilder().setJob(JobCodec.message(job)).build());
  }

  @Override
  public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> response) {
    Job job = generation.find(TENANT, request.getId());
    Watch watch =
        new Watch(
            (ServerCallStreamObserver<WatchJobResponse>) response, request.getAfterSequence());
    watch.begin(events, job.id());
    // Read again: what changed before the subscription would otherwise be missed.
    watch.show(generation.find(TENANT, job.id()));
  }

  @Override
  public void downloadImage(
      DownloadImageRequest request, StreamObserver<DownloadImageResponse> response) {
    ImageGeneration.Picture picture =
        generation.picture(TENANT, request.getId(), request.getIndex());
    ByteString bytes = picture.bytes();
    long offset = request.getOffset();
    if (offset < 0 || offset > bytes.size()) {
      throw Failure.of(
              Status.Code.OUT_OF_RANGE,
              "OFFSET_OUT_OF_RANGE",
              "offset: " + offset + " (expected: 0.." + bytes.size() + ")")
          .toException();
    }
    int first = (int) offset;
    // At the very end there is one message all the same: it carries the info.
    int chunks = Math.max(1, Math.ceilDiv(bytes.size() - first, CHUNK_BYTES));
    Iterator<DownloadImageResponse> messages =
        IntStream.range(0, chunks)
            .mapToObj(i -> {
              int from = first + i * CHUNK_BYTES;
              int to = Math.min(bytes.size(), from + CHUNK_BYTES);
              DownloadImageResponse.Builder message =
                  DownloadImageResponse.newBuilder()
                      .setOffset(from)
                      .setData(bytes.substring(from, to));
              if (i == 0) {
                message.setInfo(JobCodec.message(picture.image()));
              }
              return message.build();
            })
            .iterator();
    BoundedStream.send(response, messages);
  }

  private static <T> void answer(StreamObserver<T> response, T message) {
    response.onNext(message);
    response.onCompleted();
  }

  /** One watcher. Holds the newest state only, so a slow one costs one job and no thread. */
  private static final class Watch {
    private final ServerCallStreamObserver<WatchJobResponse> watcher;
    private JobEvents.@Nullable Subscription subscription;
    private @Nullable Job newest;
    private long shown;
    private boolean done;

    Watch(ServerCallStreamObserver<WatchJobResponse> watcher, long after) {
      this.watcher = watcher;
      this.shown = after;
    }

    synchronized void begin(JobEvents events, String jobId) {
      watcher.setOnCancelHandler(this::end);
      watcher.setOnCloseHandler(this::end);
      watcher.setOnReadyHandler(this::send);
      subscription = events.subscribe(jobId, this::show);
    }

    synchronized void show(Job job) {
      if (newest == null || job.sequence() > newest.sequence()) {
        newest = job;
        send();
      }
    }

    private synchronized void send() {
      if (done || newest == null) {
        return;
      }
      Job job = newest;
      if (job.sequence() > shown) {
        if (!watcher.isReady()) {
          return;
        }
        shown = job.sequence();
        watcher.onNext(WatchJobResponse.newBuilder().setJob(JobCodec.message(job)).build());
      }
      if (job.state().isEnd()) {
        end();
        watcher.onCompleted();
      }
    }

    private synchronized void end() {
      done = true;
      if (subscription != null) {
        subscription.close();
      }
    }
  }
}
