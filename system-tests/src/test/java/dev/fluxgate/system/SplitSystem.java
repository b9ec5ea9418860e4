package dev.fluxgate.system;

import com.google.protobuf.ByteString;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.denoiser.DenoiserConfig;
import dev.fluxgate.denoiser.DenoiserProcess;
import dev.fluxgate.encoder.EncoderConfig;
import dev.fluxgate.encoder.EncoderProcess;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.gateway.GatewayConfig;
import dev.fluxgate.gateway.GatewayProcess;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceBlockingStub;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.InputTensor;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.WatchJobRequest;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Encoder, gateway and workers of one model, real servers on loopback ports of their own. */
final class SplitSystem implements AutoCloseable {
  static final Path ROOT = Path.of(System.getProperty("fluxgate.root"));
  static final Path TOY = ROOT.resolve("toy/model");
  private static final String HOST = "127.0.0.1";
  private static final int WORKER_POLL_MILLIS = 20;

  final EncoderProcess encoder;
  final GatewayProcess gateway;
  final List<DenoiserProcess> workers = new ArrayList<>();
  private final Path model;
  private final DType dtype;
  private final ManagedChannel channel;
  private final ImageGenerationClient user;

  private SplitSystem(
      Path model, DType dtype, String device, UnaryOperator<GatewayConfig> settings) {
    this.model = model;
    this.dtype = dtype;
    encoder = EncoderProcess.start(EncoderConfig.of(model).withDtype(dtype).withDevice(device));
    gateway =
        GatewayProcess.start(
            settings.apply(GatewayConfig.standard(HOST, 0, HOST + ":" + encoder.port())));
    channel = GrpcChannels.open(HOST + ":" + gateway.port());
    user = ImageGenerationClient.dial(HOST + ":" + gateway.port());
  }

  /** Starts one worker; returns once the gateway knows it. */
  static SplitSystem start(Path model, DType dtype, String device) throws InterruptedException {
    return start(model, dtype, device, UnaryOperator.identity());
  }

  /** The same with a gateway of other settings. */
  static SplitSystem start(
      Path model, DType dtype, String device, UnaryOperator<GatewayConfig> settings)
      throws InterruptedException {
    SplitSystem system = new SplitSystem(model, dtype, device, settings);
    system.addWorker("worker-0", device);
    return system.awaitWorker();
  }

  /** The same in float32, offered over HTTP, with a worker of so much activation memory. */
  static SplitSystem withMemory(Path model, long activationBytes) throws InterruptedException {
    SplitSystem system =
        new SplitSystem(model, DType.F32, "auto", config -> config.withHttpPort(0));
    DenoiserConfig.Limits limits = DenoiserConfig.Limits.STANDARD;
    system.addWorker(
        "worker-0",
        "auto",
        new DenoiserConfig.Limits(
            limits.embeddingBytes(), limits.maxPixels(), activationBytes, limits.drain()));
    return system.awaitWorker();
  }

  private SplitSystem awaitWorker() throws InterruptedException {
    while (!gateway.hasWorker()) {
      Thread.sleep(WORKER_POLL_MILLIS);
    }
    return this;
  }

  DenoiserProcess addWorker(String name, String device) {
    return addWorker(name, device, DenoiserConfig.Limits.STANDARD);
  }

  private DenoiserProcess addWorker(String name, String device, DenoiserConfig.Limits limits) {
    DenoiserProcess worker =
        DenoiserProcess.start(
            new DenoiserConfig(model, dtype, device, HOST + ":" + gateway.port(), name, limits));
    workers.add(worker);
    return worker;
  }

  ImageGenerationServiceBlockingStub client() {
    return ImageGenerationServiceGrpc.newBlockingStub(channel);
  }

  /** Draws and waits for the end. */
  Job run(GenerationParameters parameters) {
    Job created =
        client()
            .createJob(CreateJobRequest.newBuilder().setParameters(parameters).build())
            .getJob();
    return waitFor(created.getId());
  }

  /** The job once it has ended. */
  Job waitFor(String id) {
    var changes = client().watchJob(WatchJobRequest.newBuilder().setId(id).build());
    Job last = Job.getDefaultInstance();
    while (changes.hasNext()) {
      last = changes.next().getJob();
    }
    return last;
  }

  /** Hands in a picture's file; gives what a request names it by. */
  InputImage upload(Path picture) throws IOException {
    ByteString file = ByteString.copyFrom(Files.readAllBytes(picture));
    return InputImage.newBuilder().setSha256(user.uploads().picture(file)).build();
  }

  /** Hands in a tensor; gives what a request names it by. */
  InputTensor upload(PackedTensor tensor) {
    return InputTensor.newBuilder().setSha256(user.uploads().tensor(tensor)).build();
  }

  /** One picture of a job that succeeded. */
  PngFile picture(Job job, int index) {
    return PngFile.decode(job.getId(), file(job, index));
  }

  /** One file of a job that succeeded. */
  byte[] file(Job job, int index) {
    if (job.getState() != JobState.JOB_STATE_SUCCEEDED) {
      throw new AssertionError(job.getState() + ": " + job.getError().getMessage());
    }
    return user.download(job.getId(), job.getImages(index));
  }

  @Override
  public void close() {
    user.close();
    GrpcChannels.close(channel);
    workers.forEach(DenoiserProcess::close);
    gateway.close();
    encoder.close();
  }
}
