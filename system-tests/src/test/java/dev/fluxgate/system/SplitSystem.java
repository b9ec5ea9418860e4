package dev.fluxgate.system;

import com.google.protobuf.ByteString;
import dev.fluxgate.denoiser.DenoiserConfig;
import dev.fluxgate.denoiser.DenoiserProcess;
import dev.fluxgate.encoder.EncoderConfig;
import dev.fluxgate.encoder.EncoderProcess;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.gateway.GatewayConfig;
import dev.fluxgate.gateway.GatewayProcess;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.DownloadImageRequest;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceBlockingStub;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.WatchJobRequest;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

  private SplitSystem(Path model, DType dtype, String device) {
    this.model = model;
    this.dtype = dtype;
    encoder = EncoderProcess.start(EncoderConfig.of(model).withDtype(dtype).withDevice(device));
    gateway = GatewayProcess.start(GatewayConfig.standard(HOST, 0, HOST + ":" + encoder.port()));
    channel = GrpcChannels.open(HOST + ":" + gateway.port());
  }

  /** Starts one worker; returns once the gateway knows it. */
  static SplitSystem start(Path model, DType dtype, String device) throws InterruptedException {
    SplitSystem system = new SplitSystem(model, dtype, device);
    system.addWorker("worker-0", device);
    while (!system.gateway.hasWorker()) {
      Thread.sleep(WORKER_POLL_MILLIS);
    }
    return system;
  }

  DenoiserProcess addWorker(String name, String device) {
    DenoiserProcess worker =
        DenoiserProcess.start(
            new DenoiserConfig(
                model,
                dtype,
                device,
                HOST + ":" + gateway.port(),
                name,
                DenoiserConfig.Limits.STANDARD));
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

  /** One picture of a job that succeeded. */
  PngFile picture(Job job, int index) {
    if (job.getState() != JobState.JOB_STATE_SUCCEEDED) {
      throw new AssertionError(job.getState() + ": " + job.getError().getMessage());
    }
    ByteString file = ByteString.EMPTY;
    var parts =
        client()
            .downloadImage(
                DownloadImageRequest.newBuilder().setId(job.getId()).setIndex(index).build());
    while (parts.hasNext()) {
      file = file.concat(parts.next().getData());
    }
    return PngFile.decode(job.getId(), file.toByteArray());
  }

  @Override
  public void close() {
    GrpcChannels.close(channel);
    workers.forEach(DenoiserProcess::close);
    gateway.close();
    encoder.close();
  }
}
