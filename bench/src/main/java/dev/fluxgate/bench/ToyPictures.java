package dev.fluxgate.bench;

import dev.fluxgate.denoiser.DenoiserConfig;
import dev.fluxgate.denoiser.DenoiserProcess;
import dev.fluxgate.encoder.EncoderConfig;
import dev.fluxgate.encoder.EncoderProcess;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.gateway.GatewayConfig;
import dev.fluxgate.gateway.GatewayProcess;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.DownloadImageRequest;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceBlockingStub;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.JobTimings;
import dev.fluxgate.v1.WatchJobRequest;
import io.grpc.ManagedChannel;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Pictures of the embedded model from a warm system, from the request to the last byte of the file:
 * encoder, gateway and worker in this process, over gRPC. Every prompt is a new one, so that none
 * is found in the embedding cache.
 *
 * <p>Arguments: folder of the model, type ({@code F32} or {@code BF16}), pictures to warm up with,
 * pictures to measure.
 */
public final class ToyPictures {
  private static final String HOST = "127.0.0.1";
  private static final int STEPS = 20;
  private static final List<String> COLOURS =
      List.of("red", "green", "blue", "yellow", "purple", "orange", "cyan", "pink", "brown");
  private static final List<String> SHAPES =
      List.of("circle", "square", "triangle", "star", "heart", "ring", "cross", "diamond", "moon");

  private final ImageGenerationServiceBlockingStub client;

  private ToyPictures(ManagedChannel channel) {
    client = ImageGenerationServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Times of one picture.
   *
   * @param total milliseconds from the request to the last byte
   * @param stages what the services say of theirs
   */
  private record Sample(double total, JobTimings stages) {}

  /** Measures, and prints medians. */
  public static void main(String[] args) throws InterruptedException {
    Path model = Path.of(args[0]);
    DType dtype = DType.valueOf(args[1]);
    int warm = Integer.parseInt(args[2]);
    int measured = Integer.parseInt(args[3]);
    try (EncoderProcess encoder =
            EncoderProcess.start(EncoderConfig.of(model).withDtype(dtype).withDevice("cpu"));
        GatewayProcess gateway =
            GatewayProcess.start(GatewayConfig.standard(HOST, 0, HOST + ":" + encoder.port()));
        DenoiserProcess _ =
            DenoiserProcess.start(
                new DenoiserConfig(
                    model,
                    dtype,
                    "cpu",
                    HOST + ":" + gateway.port(),
                    "bench",
                    DenoiserConfig.Limits.STANDARD))) {
      while (!gateway.hasWorker()) {
        Thread.sleep(10);
      }
      ManagedChannel channel = GrpcChannels.open(HOST + ":" + gateway.port());
      ToyPictures pictures = new ToyPictures(channel);
      List<Sample> samples = new ArrayList<>();
      for (int i = 0; i < warm + measured; i++) {
        Sample sample = pictures.draw(i);
        if (i >= warm) {
          samples.add(sample);
        }
      }
      GrpcChannels.close(channel);
      report(dtype, samples, System.out);
    }
  }

  private Sample draw(int index) {
    String colour = COLOURS.get(index % COLOURS.size());
    String ground = COLOURS.get((index + 1 + index / COLOURS.size()) % COLOURS.size());
    String shape = SHAPES.get(index / COLOURS.size() % SHAPES.size());
    GenerationParameters wish =
        GenerationParameters.newBuilder()
            .setPrompt("a large %s %s on a %s background".formatted(colour, shape, ground))
            .setSeed(index)
            .setNumInferenceSteps(STEPS)
            .build();
    long start = System.nanoTime();
    Job job = client.createJob(CreateJobRequest.newBuilder().setParameters(wish).build()).getJob();
    var changes = client.watchJob(WatchJobRequest.newBuilder().setId(job.getId()).build());
    while (changes.hasNext()) {
      job = changes.next().getJob();
    }
    if (job.getState() != JobState.JOB_STATE_SUCCEEDED) {
      throw new IllegalStateException(job.getState() + ": " + job.getError().getMessage());
    }
    client
        .downloadImage(DownloadImageRequest.newBuilder().setId(job.getId()).build())
        .forEachRemaining(part -> {});
    return new Sample((System.nanoTime() - start) / 1e6, job.getTimings());
  }

  private static void report(DType dtype, List<Sample> samples, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "fluxgate %s: %d pictures, median ms: end to end %.0f, encode %.0f, step %.1f, decode %.0f%n",
        dtype,
        samples.size(),
        median(samples, Sample::total),
        median(samples, sample -> sample.stages().getEncodeMillis()),
        median(samples, sample -> sample.stages().getDenoiseMillis() / (double) STEPS),
        median(samples, sample -> sample.stages().getDecodeMillis()));
  }

  private static double median(List<Sample> samples, ToDoubleFunction<Sample> value) {
    double[] sorted = samples.stream().mapToDouble(value).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
