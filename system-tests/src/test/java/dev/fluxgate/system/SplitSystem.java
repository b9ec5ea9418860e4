package dev.fluxgate.system;

import static java.util.stream.Collectors.joining;

import com.google.protobuf.ByteString;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.image.RgbImage;
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
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Encoder, gateway and worker of one model as three processes, which talk over ports that they
 * picked themselves. Where one of them ends, whoever waits for a picture is told its last words.
 */
final class SplitSystem implements AutoCloseable {
  static final Path ROOT = Path.of(System.getProperty("fluxgate.root"));
  static final Path TOY = ROOT.resolve("toy/model");
  private static final Pattern LISTENING = Pattern.compile("listening (?:http.*gRPC )?([\\d.:]+)");
  private static final Pattern HTTP = Pattern.compile("listening (http://[\\d.:]+).*");
  private static final Pattern ATTACHED = Pattern.compile("attached to ([\\d.:]+) as .*");

  /** Only a job that is stuck takes as long. */
  private static final long PATIENCE_SECONDS = 300;

  /** The one that was started last comes first. */
  private final Deque<ServiceProcess> services;

  /** Options of its workers, but for their memory. */
  private final List<String> worker;

  private final String encoder;
  private final String http;
  private final ManagedChannel channel;
  private final ImageGenerationClient user;

  private SplitSystem(
      Deque<ServiceProcess> services, List<String> worker, String encoder, ServiceProcess gateway) {
    this.services = services;
    this.worker = worker;
    this.encoder = encoder;
    http = gateway.told(HTTP);
    channel = GrpcChannels.open(gateway.address());
    user = ImageGenerationClient.dial(gateway.address());
    services.forEach(service -> service.onExit(channel::shutdownNow));
  }

  /**
   * Starts all three; returns once the worker is attached.
   *
   * @param gatewayOptions more of them for the gateway
   * @throws AssertionError if one does not start; the others are ended
   */
  static SplitSystem start(Path model, DType dtype, String... gatewayOptions)
      throws IOException, InterruptedException {
    return start(model, dtype, List.of(gatewayOptions), List.of());
  }

  /** The same in float32 with a worker that has so much memory for activations. */
  static SplitSystem withMemory(Path model, long activationBytes)
      throws IOException, InterruptedException {
    return start(model, DType.F32, List.of(), memory(activationBytes));
  }

  private static List<String> memory(long activationBytes) {
    return List.of("--activation-memory", Long.toString(activationBytes));
  }

  /** Starts one more worker; returns once it is attached. */
  void join(long activationBytes) throws IOException, InterruptedException {
    services.push(
        ServiceProcess.start("denoiser", ATTACHED, with(worker, memory(activationBytes))));
    services.element().onExit(channel::shutdownNow);
  }

  private static SplitSystem start(
      Path model, DType dtype, List<String> gatewayOptions, List<String> denoiserOptions)
      throws IOException, InterruptedException {
    List<String> drawing =
        List.of(
            "--model", model.toString(), "--dtype", dtype == DType.F32 ? "float32" : "bfloat16");
    Deque<ServiceProcess> services = new ArrayDeque<>();
    try {
      services.push(
          ServiceProcess.start("encoder", LISTENING, with(drawing, List.of("--grpc-port", "0"))));
      String encoder = services.element().address();
      services.push(
          ServiceProcess.start(
              "gateway",
              LISTENING,
              with(
                  List.of("--encoder", encoder, "--grpc-port", "0", "--http-port", "0"),
                  gatewayOptions)));
      ServiceProcess gateway = services.element();
      List<String> worker = with(drawing, List.of("--gateway", gateway.address()));
      services.push(ServiceProcess.start("denoiser", ATTACHED, with(worker, denoiserOptions)));
      return new SplitSystem(services, worker, encoder, gateway);
    } catch (IOException | InterruptedException | AssertionError e) {
      services.forEach(ServiceProcess::close);
      throw e;
    }
  }

  private static List<String> with(List<String> options, List<String> more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(more);
    return all;
  }

  /** The processes of worker, gateway and encoder. */
  List<ProcessHandle> processes() {
    return services.stream().map(ServiceProcess::handle).toList();
  }

  /** What each of them said last. */
  String lastWords() {
    return services.stream()
        .map(ServiceProcess::lastWords)
        .collect(joining(System.lineSeparator()));
  }

  /** Where the encoder listens, "127.0.0.1:1234". */
  String encoder() {
    return encoder;
  }

  /** Where the gateway speaks HTTP, "http://127.0.0.1:1234". */
  String http() {
    return http;
  }

  /**
   * Draws and waits for the end.
   *
   * @throws StatusRuntimeException if the gateway refuses it
   * @throws AssertionError if no end is to be expected
   */
  Job run(GenerationParameters parameters) {
    try {
      return waitFor(
          client()
              .createJob(CreateJobRequest.newBuilder().setParameters(parameters).build())
              .getJob()
              .getId());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.INVALID_ARGUMENT) {
        throw e;
      }
      throw new AssertionError(e.getMessage() + System.lineSeparator() + lastWords(), e);
    }
  }

  private Job waitFor(String id) {
    Iterator<WatchJobResponse> changes =
        client().watchJob(WatchJobRequest.newBuilder().setId(id).build());
    Job last = Job.getDefaultInstance();
    while (changes.hasNext()) {
      last = changes.next().getJob();
    }
    return last;
  }

  private ImageGenerationServiceBlockingStub client() {
    return ImageGenerationServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
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

  /** The pictures of a job that succeeded. */
  List<RgbImage> pictures(Job job) {
    return IntStream.range(0, Math.max(1, job.getImagesCount()))
        .mapToObj(index -> picture(job, index).image())
        .toList();
  }

  /** One picture of a job that succeeded. */
  PngFile picture(Job job, int index) {
    return PngFile.decode(job.getId(), file(job, index));
  }

  /** One file of a job that succeeded. */
  byte[] file(Job job, int index) {
    if (job.getState() != JobState.JOB_STATE_SUCCEEDED) {
      throw new AssertionError(
          job.getState()
              + ": "
              + job.getError().getMessage()
              + System.lineSeparator()
              + lastWords());
    }
    return user.download(job.getId(), job.getImages(index));
  }

  /** Workers first, so that none is seen to lose its gateway. */
  @Override
  public void close() {
    user.close();
    GrpcChannels.close(channel);
    services.forEach(ServiceProcess::close);
  }
}
