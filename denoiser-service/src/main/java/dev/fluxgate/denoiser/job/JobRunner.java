package dev.fluxgate.denoiser.job;

import dev.fluxgate.denoiser.picture.DrawingInputs;
import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.denoiser.picture.JobFailedException;
import dev.fluxgate.denoiser.picture.JobFailedException.Fault;
import dev.fluxgate.denoiser.picture.JobProgress;
import dev.fluxgate.denoiser.picture.JobStoppedException;
import dev.fluxgate.denoiser.picture.PictureMaker;
import dev.fluxgate.denoiser.picture.Pictures;
import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.tensor.HostTensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the device: it loads the model, then takes one job after the other.
 * Every lease that was accepted ends in exactly one of complete, give back, or lost.
 */
public final class JobRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);
  private static final Duration STEP_GRACE = Duration.ofSeconds(60);

  private final PictureMaker maker;
  private final Gateway gateway;
  private final LeaseKeeper leases;
  private final EmbeddingStore embeddings;
  private final BlockingQueue<Supplier<@Nullable DenoiseJob>> inbox = new LinkedBlockingQueue<>();
  private final CompletableFuture<BackendLostException> lost = new CompletableFuture<>();
  private final Thread thread;

  /** Runs jobs on a thread of its own, begun by {@link #start}. */
  public JobRunner(
      PictureMaker maker, Gateway gateway, LeaseKeeper leases, EmbeddingStore embeddings) {
    this.maker = maker;
    this.gateway = gateway;
    this.leases = leases;
    this.embeddings = embeddings;
    thread = Thread.ofPlatform().name("denoiser-device").unstarted(this::work);
  }

  /** Begins to take jobs. */
  public void start() {
    thread.start();
  }

  /** Takes a lease; it is worked on once those before it have ended. */
  public void accept(DenoiseJob job) {
    leases.take(job);
    inbox.add(() -> job);
  }

  /**
   * Ends: jobs at work are given back within one step, as preempted. Call it once no more leases
   * come.
   */
  @Override
  public void close() {
    leases.stopAll(LeaseKeeper.Stop.PREEMPTED);
    inbox.add(() -> null);
    try {
      if (!thread.join(STEP_GRACE)) {
        LOG.warn("the device thread is still in a step after {} s", STEP_GRACE.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the device is free; false if a step outlasted {@link #close}. */
  public boolean hasEnded() {
    return thread.getState() == Thread.State.TERMINATED;
  }

  /** Completes if the device is lost, with how; no job is asked for after that. */
  public CompletableFuture<BackendLostException> lost() {
    return lost.copy();
  }

  private void work() {
    try {
      for (DenoiseJob job = inbox.take().get(); job != null; job = inbox.take().get()) {
        run(job);
        if (!lost.isDone()) {
          gateway.ready();
        }
      }
    } catch (InterruptedException e) {
      LOG.info("the device thread was interrupted and ends");
    }
  }

  // The boundary of the device's thread: whatever a job throws must not end the worker.
  @SuppressWarnings("checkstyle:IllegalCatch")
  private void run(DenoiseJob job) {
    Lease lease = job.lease();
    try {
      draw(job);
    } catch (JobStoppedException e) {
      stopped(lease);
    } catch (LeaseLostException e) {
      LOG.info("job {} epoch {}: {}", lease.jobId(), lease.epoch(), e.getMessage());
    } catch (JobFailedException e) {
      failed(lease, e.fault(), e.reason(), e);
    } catch (BackendLostException e) {
      failed(lease, Fault.WORKER, "DEVICE_LOST", e);
      lost.complete(e);
    } catch (OutOfMemoryError e) {
      failed(lease, Fault.JOB, "OUT_OF_MEMORY", e);
    } catch (RuntimeException | LinkageError e) {
      // A library that is missing shows with the first job that needs it.
      failed(lease, Fault.WORKER, "INTERNAL", e);
    } finally {
      leases.release(lease);
    }
  }

  private void draw(DenoiseJob job) {
    Lease lease = job.lease();
    LeaseProgress progress = new LeaseProgress(lease);
    progress.requireGoingOn();
    requireMemory(job);
    DrawingInputs inputs = fetch(job);
    progress.requireGoingOn();
    Pictures pictures = maker.draw(job.drawing(), inputs, progress);
    for (EncodedPicture picture : pictures.pictures()) {
      progress.requireGoingOn();
      gateway.upload(lease, picture);
    }
    gateway.complete(lease, pictures.denoiseMillis(), pictures.decodeMillis());
    LOG.info(
        "job {} epoch {}: {} pictures, {} ms denoising, {} ms decoding",
        lease.jobId(),
        lease.epoch(),
        pictures.pictures().size(),
        pictures.denoiseMillis(),
        pictures.decodeMillis());
  }

  /** Whoever was not asked before fetches nothing in vain; what comes is counted again. */
  private void requireMemory(DenoiseJob job) {
    DrawingInputs.Shapes shapes = job.shapes();
    if (shapes == null) {
      return;
    }
    try {
      PictureMaker.Need need = maker.plan(job.drawing(), shapes);
      if (need.bytes() > need.limit()) {
        throw new JobFailedException(
            Fault.MEMORY,
            "TOO_LARGE",
            "job: %d bytes of activations (expected: at most %d bytes here)"
                .formatted(need.bytes(), need.limit()),
            null);
      }
    } catch (IllegalArgumentException e) {
      throw new JobFailedException(
          Fault.REQUEST, "INVALID_REQUEST", String.valueOf(e.getMessage()), e);
    }
  }

  private DrawingInputs fetch(DenoiseJob job) {
    Lease lease = job.lease();
    InputRefs refs = job.inputs();
    DenoiseJob.Text negative = job.negative();
    InputRef mask = refs.mask();
    InputRef reference = refs.reference();
    EmbeddingRef latents = refs.latents();
    List<byte[]> images = new ArrayList<>();
    for (InputRef image : refs.images()) {
      images.add(gateway.fetch(lease, image));
    }
    return new DrawingInputs(
        fetch(lease, job.prompt()),
        negative == null ? null : fetch(lease, negative),
        images,
        mask == null ? null : gateway.fetch(lease, mask),
        reference == null ? null : gateway.fetch(lease, reference),
        latents == null ? null : gateway.fetch(lease, latents));
  }

  private DrawingInputs.Text fetch(Lease lease, DenoiseJob.Text text) {
    EmbeddingRef pooled = text.pooled();
    return new DrawingInputs.Text(
        fetch(lease, text.embeds()), pooled == null ? null : fetch(lease, pooled));
  }

  private HostTensor fetch(Lease lease, EmbeddingRef embedding) {
    return embeddings.get(embedding, missing -> gateway.fetch(lease, missing));
  }

  private void stopped(Lease lease) {
    LeaseKeeper.Stop why = leases.stopped(lease);
    LOG.info("job {} epoch {}: stopped, {}", lease.jobId(), lease.epoch(), why);
    switch (why) {
      case PREEMPTED ->
          gateway.giveBack(lease, Fault.PREEMPTION, "PREEMPTED", "the worker is leaving");
      case EXPIRED ->
          gateway.giveBack(
              lease, Fault.CANCELLATION, "DEADLINE_EXCEEDED", "the job's time is over");
      case CANCELLED ->
          gateway.giveBack(lease, Fault.CANCELLATION, "CANCELLED", "the job was cancelled");
      case REVOKED -> {}
      case null -> gateway.giveBack(lease, Fault.WORKER, "INTERNAL", "stopped without being asked");
    }
  }

  private void failed(Lease lease, Fault fault, String reason, Throwable cause) {
    String message = cause.getMessage();
    if (fault == Fault.REQUEST || fault == Fault.MEMORY) {
      // The user's doing, of which anyone can send as much as he likes.
      LOG.info("job {} epoch {}: {}: {}", lease.jobId(), lease.epoch(), reason, message);
    } else {
      LOG.warn("job {} epoch {}: {}", lease.jobId(), lease.epoch(), reason, cause);
    }
    gateway.giveBack(lease, fault, reason, message == null ? cause.toString() : message);
  }

  /** The progress of one lease. */
  private final class LeaseProgress implements JobProgress {
    private final Lease lease;

    LeaseProgress(Lease lease) {
      this.lease = lease;
    }

    @Override
    public void report(Stage stage, int step, int totalSteps) {
      gateway.progress(lease, stage, step, totalSteps);
    }

    @Override
    public void show(EncodedPicture preview, int step) {
      gateway.preview(lease, preview, step);
    }

    @Override
    public boolean isCancelled() {
      return leases.stopped(lease) != null;
    }

    void requireGoingOn() {
      if (isCancelled()) {
        throw new JobStoppedException(0, 0);
      }
    }
  }
}
