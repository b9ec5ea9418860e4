package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.embedding.EncoderChangedException;
import dev.fluxgate.gateway.embedding.EncoderUnavailableException;
import dev.fluxgate.gateway.embedding.EncodingFailedException;
import dev.fluxgate.gateway.embedding.NoEncoderException;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobStore;
import dev.fluxgate.gateway.upsample.UpsamplerUnavailableException;
import dev.fluxgate.gateway.upsample.UpsamplingFailedException;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.gateway.worker.WorkerPool;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An accepted job → one that waits for a worker with its prompt rewritten, if that was asked for,
 * and its embeddings made. A job outlives an encoder that is away: it is tried again until it ends
 * some other way.
 */
public final class JobEmbedding {
  private static final Logger LOG = LoggerFactory.getLogger(JobEmbedding.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final JobStore jobs;
  private final PromptRewriting rewriting;
  private final PromptEmbedding prompts;
  private final WorkerPool workers;
  private final Executor threads;
  private final boolean isPatient;

  /**
   * The stage.
   *
   * @param threads runs what waits for an encoder, a thread each
   * @param isPatient whether a job waits for an encoder that is away; else it fails
   */
  public JobEmbedding(
      JobStore jobs,
      PromptRewriting rewriting,
      PromptEmbedding prompts,
      WorkerPool workers,
      Executor threads,
      boolean isPatient) {
    this.jobs = jobs;
    this.rewriting = rewriting;
    this.prompts = prompts;
    this.workers = workers;
    this.threads = threads;
    this.isPatient = isPatient;
  }

  /** Begins with a job; returns at once. */
  void start(Job job, DrawingModel model) {
    threads.execute(() -> run(job, model));
  }

  private void run(Job job, DrawingModel model) {
    Duration pause = FIRST_PAUSE;
    while (!hasEnded(job)) {
      // Run here, but as a future: whatever goes wrong must not leave the job waiting for ever.
      CompletableFuture<Void> embedding =
          CompletableFuture.runAsync(() -> embed(job, model), Runnable::run);
      if (!embedding.isCompletedExceptionally()) {
        return;
      }
      Throwable cause = embedding.exceptionNow();
      boolean mayPass =
          cause instanceof EncoderUnavailableException
              || cause instanceof UpsamplerUnavailableException;
      if (!isPatient || !mayPass) {
        jobs.abandon(job.id(), error(job, cause));
        return;
      }
      LOG.info("job {} waits for its prompt: {}", job.id(), cause.getMessage());
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        jobs.abandon(job.id(), new Job.JobError("STOPPING", "the gateway stopped"));
        Thread.currentThread().interrupt();
        return;
      }
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
  }

  /**
   * Refuses what nobody can rewrite.
   *
   * @throws dev.fluxgate.serving.InvalidFieldException if nobody can
   */
  void check(GenerationParameters parameters, DrawingModel model) {
    rewriting.check(parameters.wish().upsampling(), model);
  }

  private boolean hasEnded(Job job) {
    return jobs.find(job.request().tenant(), job.id()).map(now -> now.state().isEnd()).orElse(true);
  }

  private void embed(Job job, DrawingModel model) {
    String rewritten = rewriting.rewrite(job.parameters(), model);
    Job.Embeddings embeddings = prompts.embed(job.parameters(), rewritten, model);
    if (jobs.embedded(job.id(), embeddings).isPresent()) {
      workers.dispatch();
    } else {
      // It was cancelled meanwhile.
      prompts.release(job.parameters(), embeddings);
    }
  }

  private static Job.JobError error(Job job, Throwable cause) {
    return switch (cause) {
      case EncoderUnavailableException e -> error("ENCODER_UNAVAILABLE", e);
      case EncoderChangedException e -> error("ENCODER_CHANGED", e);
      case NoEncoderException e -> error("NO_ENCODER", e);
      case EncodingFailedException e -> error(e.reason(), e);
      case UpsamplerUnavailableException e -> error("UPSAMPLER_UNAVAILABLE", e);
      case UpsamplingFailedException e -> error(e.reason(), e);
      default -> {
        LOG.error("job {} failed while its prompt was encoded", job.id(), cause);
        yield new Job.JobError("INTERNAL", "internal error (details: in the log of the gateway)");
      }
    };
  }

  private static Job.JobError error(String reason, Throwable thrown) {
    return new Job.JobError(reason, String.valueOf(thrown.getMessage()));
  }
}
