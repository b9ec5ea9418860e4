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
import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running worker: the one place that sees all its parts. */
public final class DenoiserProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DenoiserProcess.class);

  private final DenoiserConfig config;
  private final PictureMaker maker;
  private final LeaseKeeper leases = new LeaseKeeper();
  private final WorkerPlaneClient gateway;
  private final JobRunner runner;
  private final AtomicBoolean leaving = new AtomicBoolean();
  private final CountDownLatch left = new CountDownLatch(1);

  private DenoiserProcess(DenoiserConfig config, PictureMaker maker) {
    this.config = config;
    this.maker = maker;
    EmbeddingStore embeddings = new EmbeddingStore(config.limits().embeddingBytes());
    gateway =
        new WorkerPlaneClient(
            config.gateway(), config.workerId(), maker, leases, embeddings, this::accept);
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

  /** Completes if the device is lost: this worker can only be closed then. */
  public CompletableFuture<BackendLostException> lost() {
    return runner.lost();
  }

  private void accept(DenoiseJob job) {
    runner.accept(job);
  }

  /**
   * Leaves: asks for no more leases, lets the job at work go on for the configured time, gives it
   * back if that was not enough, frees the model. Heartbeats go on until the end. Called again
   * meanwhile, by whoever cannot wait, it gives the job back at once; every call returns when the
   * worker has left.
   */
  @Override
  public void close() {
    try {
      if (leaving.getAndSet(true)) {
        leases.stopAll(LeaseKeeper.Stop.PREEMPTED);
        left.await();
      } else {
        leave();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void leave() throws InterruptedException {
    try {
      gateway.drain();
      leases.awaitNone(config.limits().drain());
    } finally {
      runner.close();
      gateway.close();
      if (runner.hasEnded()) {
        maker.close();
      } else {
        // Freeing memory that a step still works on would crash; the process is ending anyway.
        LOG.warn("the model stays loaded: the device is still at work");
      }
      left.countDown();
    }
  }
}
