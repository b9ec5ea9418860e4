package dev.fluxgate.gateway.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.Preview;
import dev.fluxgate.gateway.watch.JobUpdate;
import dev.fluxgate.gateway.watch.JobWatches;
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
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.stream.IntStream;

/** Serves {@code ImageGenerationService} to users. */
public final class ImageGenerationEndpoint extends ImageGenerationServiceImplBase {
  /** Whose all jobs are until callers prove who they are. */
  private static final String TENANT = "local";

  private static final int CHUNK_BYTES = 1 << 20;

  private final ImageGeneration generation;
  private final JobWatches watches;

  /** Serves the jobs of {@code generation}. */
  public ImageGenerationEndpoint(ImageGeneration generation, JobWatches watches) {
    this.generation = generation;
    this.watches = watches;
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
    UpdateStream<WatchJobResponse> updates =
        new UpdateStream<>(response, ImageGenerationEndpoint::watched);
    updates.begin(onUpdate ->
        watches.open(
            TENANT,
            request.getId(),
            new JobWatches.Wish(request.getAfterSequence(), request.getPreviews()),
            onUpdate));
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

  private static WatchJobResponse watched(JobUpdate update) {
    WatchJobResponse.Builder message =
        WatchJobResponse.newBuilder().setJob(JobCodec.message(update.job()));
    if (update instanceof JobUpdate.Previewed(_, Preview preview)) {
      message.setPreview(JobCodec.message(preview));
    }
    return message.build();
  }

  private static <T> void answer(StreamObserver<T> response, T message) {
    response.onNext(message);
    response.onCompleted();
  }
}
