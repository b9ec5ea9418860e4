package dev.fluxgate.gateway.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.event.Preview;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobPage;
import dev.fluxgate.gateway.job.JobQuery;
import dev.fluxgate.gateway.job.Tenant;
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
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.GetJobRequest;
import dev.fluxgate.v1.GetJobResponse;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceImplBase;
import dev.fluxgate.v1.ListJobsRequest;
import dev.fluxgate.v1.ListJobsResponse;
import dev.fluxgate.v1.ListModelsRequest;
import dev.fluxgate.v1.ListModelsResponse;
import dev.fluxgate.v1.RunJobRequest;
import dev.fluxgate.v1.RunJobResponse;
import dev.fluxgate.v1.UploadInputRequest;
import dev.fluxgate.v1.UploadInputResponse;
import dev.fluxgate.v1.WatchJobRequest;
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Serves {@code ImageGenerationService} to users. */
public final class ImageGenerationEndpoint extends ImageGenerationServiceImplBase {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int DEFAULT_PAGE_SIZE = 50;

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
        create(
            request.getRequestId(),
            request.getParameters(),
            request.hasTimeout() ? duration(request.getTimeout()) : null);
    answer(response, CreateJobResponse.newBuilder().setJob(JobCodec.message(job)).build());
  }

  private Job create(
      String requestId, GenerationParameters parameters, @Nullable Duration timeout) {
    GenerationParameters stored = InputCodec.stored(parameters, generation.inputs());
    return generation.create(
        JobCodec.request(Tenant.LOCAL, requestId, stored),
        ParametersCodec.request(stored),
        timeout);
  }

  @Override
  public StreamObserver<UploadInputRequest> uploadInput(
      StreamObserver<UploadInputResponse> response) {
    return new InputUploadEndpoint(generation.inputs(), response);
  }

  private static Duration duration(com.google.protobuf.Duration message) {
    return Duration.ofSeconds(message.getSeconds(), message.getNanos());
  }

  @Override
  public void runJob(RunJobRequest request, StreamObserver<RunJobResponse> response) {
    String id = create(request.getRequestId(), request.getParameters(), null).id();
    // A deadline of the call ends it as hanging up does.
    new JobStreamEndpoint<>(response, ImageGenerationEndpoint::ran)
        .begin(
            onUpdate ->
                watches.open(
                    Tenant.LOCAL, id, new JobWatches.Wish(0, request.getPreviews()), onUpdate),
            () -> generation.cancel(Tenant.LOCAL, id));
  }

  @Override
  public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> response) {
    int pageSize = request.getPageSize() == 0 ? DEFAULT_PAGE_SIZE : request.getPageSize();
    JobPage page =
        generation.list(
            Tenant.LOCAL,
            new JobQuery(
                pageSize, request.getPageToken(), JobCodec.states(request.getStatesList())));
    answer(
        response,
        ListJobsResponse.newBuilder()
            .addAllJobs(page.jobs().stream().map(JobCodec::message).toList())
            .setNextPageToken(page.nextPageToken())
            .build());
  }

  @Override
  public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> response) {
    answer(
        response,
        ListModelsResponse.newBuilder()
            .addAllModels(generation.models().stream().map(JobCodec::message).toList())
            .build());
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> response) {
    Job job = generation.find(Tenant.LOCAL, request.getId());
    answer(response, GetJobResponse.newBuilder().setJob(JobCodec.message(job)).build());
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> response) {
    Job job = generation.cancel(Tenant.LOCAL, request.getId());
    answer(response, CancelJobResponse.newBuilder().setJob(JobCodec.message(job)).build());
  }

  @Override
  public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> response) {
    JobStreamEndpoint<WatchJobResponse> updates =
        new JobStreamEndpoint<>(response, ImageGenerationEndpoint::watched);
    updates.begin(onUpdate ->
        watches.open(
            Tenant.LOCAL,
            request.getId(),
            new JobWatches.Wish(request.getAfterSequence(), request.getPreviews()),
            onUpdate));
  }

  @Override
  public void downloadImage(
      DownloadImageRequest request, StreamObserver<DownloadImageResponse> response) {
    ImageGeneration.Picture picture =
        generation.picture(Tenant.LOCAL, request.getId(), request.getIndex());
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

  private static RunJobResponse ran(JobUpdate update) {
    RunJobResponse.Builder message =
        RunJobResponse.newBuilder().setJob(JobCodec.message(update.job()));
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
