package dev.fluxgate.denoiser;

import dev.fluxgate.denoiser.job.DenoiseJob;
import dev.fluxgate.denoiser.job.EmbeddingStore;
import dev.fluxgate.denoiser.job.JobRunner;
import dev.fluxgate.denoiser.job.LeaseKeeper;
import dev.fluxgate.denoiser.picture.FluxPictureMaker;
import dev.fluxgate.denoiser.picture.PictureMaker;
import dev.fluxgate.denoiser.rpc.WorkerPlaneClient;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.choice.BackendChoice;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import java.time.Duration;

/** A running worker: the one place that sees all its parts. */
public final class DenoiserProcess implements AutoCloseable {
  private static final long DRAIN_POLL_MILLIS = 20;

  private final DenoiserConfig config;
  private final PictureMaker maker;
  private final LeaseKeeper leases = new LeaseKeeper();
  private final WorkerPlaneClient gateway;
  private final JobRunner runner;

  private DenoiserProcess(DenoiserConfig config, PictureMaker maker) {
    this.config = config;
    this.maker = maker;
    EmbeddingStore embeddings = new EmbeddingStore(config.limits().embeddingBytes());
    gateway =
        new WorkerPlaneClient(
            config.gateway(), config.workerId(), maker.model(), leases, embeddings, this::accept);
    runner = new JobRunner(maker, gateway, leases, embeddings);
  }

  /**
   * Loads the configured model and starts a worker that draws with it.
   *
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if the model cannot be loaded
   */
  public static DenoiserProcess start(DenoiserConfig config) {
    ModelFolder folder = ModelFolder.open(config.model());
    Backend backend = BackendChoice.of(config.device()).open(config.dtype()).backend();
    DenoiserConfig.Limits limits = config.limits();
    return start(
        config,
        FluxPictureMaker.load(
            folder,
            backend,
            config.dtype(),
            new FluxPictureMaker.Limits(limits.maxPixels(), limits.activationBytes())));
  }

  /**
   * Starts a worker that draws with {@code maker}, which it owns from now on. The gateway may come
   * later.
   */
  public static DenoiserProcess start(DenoiserConfig config, PictureMaker maker) {
    DenoiserProcess process = new DenoiserProcess(config, maker);
    process.runner.start();
    process.gateway.start();
    return process;
  }

  /** Whether the gateway has welcomed this worker on a stream that still stands. */
  public boolean isAttached() {
    return gateway.isAttached();
  }

  private void accept(DenoiseJob job) {
    runner.accept(job);
  }

  /**
   * Leaves: asks for no more leases, lets the job at work go on for the configured time, gives it
   * back if that was not enough, frees the model.
   */
  @Override
  public void close() {
    gateway.drain();
    awaitIdle(config.limits().drain());
    runner.close();
    gateway.close();
    maker.close();
  }

  private void awaitIdle(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    try {
      while (!leases.leases().isEmpty() && System.nanoTime() - end < 0) {
        Thread.sleep(DRAIN_POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
