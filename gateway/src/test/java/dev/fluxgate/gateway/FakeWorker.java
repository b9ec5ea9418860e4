package dev.fluxgate.gateway;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.Complete;
import dev.fluxgate.v1.Credit;
import dev.fluxgate.v1.Draining;
import dev.fluxgate.v1.GenerationDefaults;
import dev.fluxgate.v1.Heartbeat;
import dev.fluxgate.v1.Hello;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.JobStage;
import dev.fluxgate.v1.LeaseRef;
import dev.fluxgate.v1.ModelDescription;
import dev.fluxgate.v1.Nack;
import dev.fluxgate.v1.NackReason;
import dev.fluxgate.v1.Plan;
import dev.fluxgate.v1.PlanResult;
import dev.fluxgate.v1.Progress;
import dev.fluxgate.v1.UploadHeader;
import dev.fluxgate.v1.UploadImageRequest;
import dev.fluxgate.v1.UploadImageResponse;
import dev.fluxgate.v1.WorkerPlaneServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A worker that speaks the protocol and does what the test says. */
final class FakeWorker implements AutoCloseable, StreamObserver<AttachResponse> {
  static final String MODEL_HASH = "denoiser-1";

  final BlockingQueue<AttachResponse> received = new LinkedBlockingQueue<>();

  /** What it was asked and has answered, or not. */
  final BlockingQueue<Plan> plans = new LinkedBlockingQueue<>();

  /** What it says to plans; null: nothing. */
  volatile Function<Plan, @Nullable PlanResult> planning = plan -> PlanResult.getDefaultInstance();

  final CompletableFuture<Throwable> ended = new CompletableFuture<>();
  private final ManagedChannel channel;
  private final StreamObserver<AttachRequest> out;

  FakeWorker(int port) {
    channel = GrpcChannels.open("127.0.0.1:" + port);
    out = WorkerPlaneServiceGrpc.newStub(channel).attach(this);
  }

  /** Attached, welcomed, and with one credit. */
  static FakeWorker ready(int port, String id) throws InterruptedException {
    FakeWorker worker = attached(port, id, List.of());
    worker.credit(1);
    return worker;
  }

  static FakeWorker attached(int port, String id, List<LeaseRef> held) throws InterruptedException {
    FakeWorker worker = new FakeWorker(port);
    worker.send(AttachRequest.newBuilder().setHello(hello(id).addAllHeldLeases(held)).build());
    worker.next(AttachResponse.MessageCase.WELCOME);
    return worker;
  }

  /** A worker whose model takes pictures, pooled embeddings and a negative prompt of its own. */
  static FakeWorker able(int port, String id) throws InterruptedException {
    return able(port, id, List.of("FluxPipeline", "FluxImg2ImgPipeline"));
  }

  static FakeWorker able(int port, String id, List<String> pipelines) throws InterruptedException {
    FakeWorker worker = new FakeWorker(port);
    Hello.Builder hello = hello(id);
    hello
        .getModelBuilder()
        .setClassifierFreeGuidance(false)
        .addAllPipelines(pipelines)
        .setMaxReferences(10)
        .setPooledWidth(FakeEncoder.POOLED)
        .setMaxSequenceLength(256)
        .setActivationBytes(1 << 20);
    worker.send(AttachRequest.newBuilder().setHello(hello).build());
    worker.next(AttachResponse.MessageCase.WELCOME);
    worker.credit(1);
    return worker;
  }

  static Hello.Builder hello(String id) {
    return Hello.newBuilder()
        .setWorkerId(id)
        .setInstanceId(id + "-instance")
        .setProtocol(1)
        .setModel(
            ModelDescription.newBuilder()
                .setName("toy")
                .setFamily("toy")
                .setTextEncoder("mistral3")
                .setModelHash(MODEL_HASH)
                .setTextWidth(FakeEncoder.HIDDEN)
                .setSizeMultiple(16)
                .setMaxPixels(1 << 20)
                .setClassifierFreeGuidance(true)
                .setDefaults(
                    GenerationDefaults.newBuilder()
                        .setWidth(64)
                        .setHeight(32)
                        .setNumInferenceSteps(4)
                        .setGuidanceScale(1)));
  }

  synchronized void send(AttachRequest message) {
    out.onNext(message);
  }

  void credit(int count) {
    send(AttachRequest.newBuilder().setCredit(Credit.newBuilder().setCount(count)).build());
  }

  void heartbeat(LeaseRef lease) {
    send(AttachRequest.newBuilder().setHeartbeat(Heartbeat.newBuilder().addLeases(lease)).build());
  }

  void progress(LeaseRef lease, int step) {
    send(
        AttachRequest.newBuilder()
            .setProgress(
                Progress.newBuilder()
                    .setLease(lease)
                    .setStage(JobStage.JOB_STAGE_DENOISING)
                    .setStep(step)
                    .setTotalSteps(4))
            .build());
  }

  void complete(LeaseRef lease) {
    send(
        AttachRequest.newBuilder()
            .setComplete(
                Complete.newBuilder().setLease(lease).setDenoiseMillis(5).setDecodeMillis(6))
            .build());
  }

  void nack(LeaseRef lease, NackReason reason) {
    nack(lease, reason, "why");
  }

  void nack(LeaseRef lease, NackReason reason, String message) {
    send(
        AttachRequest.newBuilder()
            .setNack(
                Nack.newBuilder()
                    .setLease(lease)
                    .setReason(reason)
                    .setDetail("DETAIL")
                    .setMessage(message))
            .build());
  }

  void drain() {
    send(AttachRequest.newBuilder().setDraining(Draining.getDefaultInstance()).build());
  }

  Assign nextAssign() throws InterruptedException {
    return next(AttachResponse.MessageCase.ASSIGN).getAssign();
  }

  AttachResponse next(AttachResponse.MessageCase expected) throws InterruptedException {
    AttachResponse message = received.poll(60, TimeUnit.SECONDS);
    if (message == null || message.getMessageCase() != expected) {
      throw new AssertionError("received " + message + ", expected " + expected);
    }
    return message;
  }

  /** Uploads a picture in runs of at most {@code run} bytes. */
  void upload(LeaseRef lease, ImageInfo image, ByteString file, int run) throws Exception {
    CompletableFuture<UploadImageResponse> answer = new CompletableFuture<>();
    StreamObserver<UploadImageRequest> upload =
        WorkerPlaneServiceGrpc.newStub(channel)
            .uploadImage(
                new StreamObserver<>() {
                  @Override
                  public void onNext(UploadImageResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable thrown) {
                    answer.completeExceptionally(thrown);
                  }

                  @Override
                  public void onCompleted() {}
                });
    upload.onNext(
        UploadImageRequest.newBuilder()
            .setHeader(UploadHeader.newBuilder().setLease(lease).setImage(image))
            .build());
    for (int at = 0; at < file.size() && !answer.isDone(); at += run) {
      upload.onNext(
          UploadImageRequest.newBuilder()
              .setData(file.substring(at, Math.min(file.size(), at + run)))
              .build());
    }
    upload.onCompleted();
    answer.get(60, TimeUnit.SECONDS);
  }

  void upload(Assign assign, ByteString file) throws Exception {
    upload(assign.getLease(), info(file), file, 1 << 20);
  }

  /** Draws: uploads the only picture and completes. */
  void finish(Assign assign, ByteString file) throws Exception {
    upload(assign, file);
    complete(assign.getLease());
  }

  static ImageInfo info(ByteString file) {
    return ImageInfo.newBuilder()
        .setMediaType("image/png")
        .setByteSize(file.size())
        .setSha256(ContentHash.of(file))
        .setWidth(64)
        .setHeight(32)
        .build();
  }

  WorkerPlaneServiceGrpc.WorkerPlaneServiceBlockingStub blocking() {
    return WorkerPlaneServiceGrpc.newBlockingStub(channel);
  }

  /** The process is gone without a word. */
  void die() {
    channel.shutdownNow();
  }

  @Override
  public void onNext(AttachResponse message) {
    if (message.hasPlan()) {
      answer(message.getPlan());
    } else {
      received.add(message);
    }
  }

  private void answer(Plan plan) {
    PlanResult result = planning.apply(plan);
    if (result != null) {
      send(
          AttachRequest.newBuilder().setPlanResult(result.toBuilder().setId(plan.getId())).build());
    }
    plans.add(plan);
  }

  @Override
  public void onError(Throwable thrown) {
    ended.complete(thrown);
  }

  @Override
  public void onCompleted() {
    ended.complete(new IllegalStateException("completed"));
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
