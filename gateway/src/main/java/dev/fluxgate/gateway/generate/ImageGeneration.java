package dev.fluxgate.gateway.generate;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.admission.AdmissionControl;
import dev.fluxgate.gateway.embedding.EncoderDescription;
import dev.fluxgate.gateway.embedding.EncoderUnavailableException;
import dev.fluxgate.gateway.image.ImageKey;
import dev.fluxgate.gateway.image.ImageStore;
import dev.fluxgate.gateway.image.StoredImage;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobNotFoundException;
import dev.fluxgate.gateway.job.JobPage;
import dev.fluxgate.gateway.job.JobQuery;
import dev.fluxgate.gateway.job.JobState;
import dev.fluxgate.gateway.job.JobStore;
import dev.fluxgate.gateway.job.RequestIdReusedException;
import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.gateway.worker.WorkerPool;
import dev.fluxgate.serving.InvalidFieldException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway on one page: check → ask a worker → admit → job → embed (or cache) → dispatch →
 * image. What workers do in between is told to the job store by the {@link WorkerPool}.
 */
public final class ImageGeneration {
  private static final Logger LOG = LoggerFactory.getLogger(ImageGeneration.class);

  private final ReentrantLock admitting = new ReentrantLock();
  private final JobStore jobs;
  private final ImageStore images;
  private final InputStore inputs;
  private final PromptEmbedding prompts;
  private final WorkerPool workers;
  private final AdmissionControl admission;
  private final JobEmbedding embedding;
  private final WorkerConsent consent;
  private final Lifetime lifetime;

  /**
   * What is stored beside jobs.
   *
   * @param images what they made
   * @param inputs what they begin with
   */
  public record Blobs(ImageStore images, InputStore inputs) {}

  /**
   * How long jobs live.
   *
   * @param clock tells when a job is accepted
   * @param limit from then to its deadline
   */
  public record Lifetime(InstantSource clock, Duration limit) {
    private Duration of(@Nullable Duration timeout) {
      if (timeout != null && (!timeout.isPositive() || timeout.compareTo(limit) > 0)) {
        throw new InvalidFieldException(
            "timeout",
            "timeout: "
                + timeout.toMillis()
                + " ms (expected: above 0, at most "
                + limit.toMillis()
                + " ms)");
      }
      return timeout == null ? limit : timeout;
    }
  }

  /** The page. */
  public ImageGeneration(
      JobStore jobs,
      Blobs blobs,
      PromptEmbedding prompts,
      WorkerPool workers,
      AdmissionControl admission,
      JobEmbedding embedding,
      Lifetime lifetime) {
    this.jobs = jobs;
    images = blobs.images();
    inputs = blobs.inputs();
    this.prompts = prompts;
    this.workers = workers;
    this.admission = admission;
    this.embedding = embedding;
    consent = new WorkerConsent(workers, blobs.inputs());
    this.lifetime = lifetime;
  }

  /**
   * Accepts a job, or finds the one that the same request made before.
   *
   * @param request whose it is
   * @param wish what to draw
   * @param timeout from now until the job expires; null: as long as jobs live here
   * @throws InvalidFieldException if it cannot be drawn, or not in the memory of any worker asked
   * @throws dev.fluxgate.serving.QueueFullException if too much waits
   * @throws RequestIdReusedException if the request id came with another request before
   * @throws NoWorkerException before the first worker
   * @throws EncoderUnavailableException before the encoder's first answer
   */
  public Job create(Job.Request request, GenerationRequest wish, @Nullable Duration timeout) {
    String requestId = request.requestId();
    Optional<Job> earlier =
        requestId == null ? Optional.empty() : jobs.findRequest(request.tenant(), requestId);
    if (earlier.isPresent()) {
      if (!earlier.get().request().equals(request)) {
        throw new RequestIdReusedException(String.valueOf(requestId), earlier.get().id());
      }
      return earlier.get();
    }
    DrawingModel model = model(wish.model());
    GenerationParameters parameters =
        GenerationLimits.resolve(wish, model, encoder(wish, model), inputs);
    embedding.check(parameters, model);
    checkBacklog(parameters);
    List<WorkerPool.Asked> asked = consent.check(parameters, model);
    Instant now = lifetime.clock().instant();
    Job fresh =
        Job.accepted(
            UUID.randomUUID().toString(),
            request,
            model.modelHash(),
            parameters,
            now,
            now.plus(lifetime.of(timeout)));
    boolean started = false;
    hold(parameters.wish());
    try {
      workers.heed(fresh, asked);
      Job job = admit(fresh);
      // Of several equal requests at once, one starts the work.
      started = job.id().equals(fresh.id());
      if (started) {
        embedding.start(job, model);
      }
      return job;
    } finally {
      if (!started) {
        workers.forget(fresh.id());
        inputs.release(parameters.wish().inputs());
      }
    }
  }

  /** Who reads the prompts of a request; null where it brings embeddings in their place. */
  private @Nullable EncoderDescription encoder(GenerationRequest wish, DrawingModel model) {
    Embeds embeds = wish.wish().embeds();
    boolean isEncoded =
        embeds.prompt() == null
            || (embeds.negative() == null && model.classifierFreeGuidance())
            || wish.wish().guidance().negativePrompt() != null;
    return isEncoded ? prompts.encoder(model) : null;
  }

  private void hold(Wish wish) {
    List<InputRef> missing = inputs.hold(wish.inputs());
    if (!missing.isEmpty()) {
      throw new InvalidFieldException(
          "parameters",
          "inputs: " + missing + " (expected: inputs that are in store; upload them again)");
    }
  }

  private Job admit(Job fresh) {
    admitting.lock();
    try {
      checkBacklog(fresh.parameters());
      return jobs.create(fresh);
    } finally {
      admitting.unlock();
    }
  }

  private void checkBacklog(GenerationParameters parameters) {
    JobStore.Backlog backlog = jobs.backlog();
    admission.check(backlog.jobs(), backlog.cost(), parameters.cost());
  }

  /** The model that a request is for. */
  private DrawingModel model(@Nullable String name) {
    List<DrawingModel> models = workers.models();
    if (models.isEmpty()) {
      throw new NoWorkerException();
    }
    if (name == null && models.size() == 1) {
      return models.getFirst();
    }
    return models.stream()
        .filter(model -> model.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new InvalidFieldException(
                "parameters.model",
                "model: "
                    + (name == null ? "none" : name)
                    + " (expected: "
                    + models.stream().map(DrawingModel::name).collect(Collectors.joining(" or "))
                    + ")"));
  }

  /** The models that can be asked for, by name. */
  public List<ModelStatus> models() {
    return workers.models().stream()
        .map(model -> {
          int attached = workers.attachedWith(model.modelHash());
          return new ModelStatus(model, attached, attached > 0 && prompts.isUp(model));
        })
        .toList();
  }

  /**
   * Jobs of this tenant, the newest first.
   *
   * @throws InvalidFieldException for a page size out of range
   * @throws dev.fluxgate.gateway.job.PageTokenException for a token that is none
   */
  public JobPage list(String tenant, JobQuery query) {
    if (query.pageSize() < 1 || query.pageSize() > JobQuery.MAX_PAGE_SIZE) {
      throw new InvalidFieldException(
          "page_size",
          "page_size: " + query.pageSize() + " (expected: 1.." + JobQuery.MAX_PAGE_SIZE + ")");
    }
    return jobs.list(tenant, query);
  }

  /**
   * A job of this tenant.
   *
   * @throws JobNotFoundException if there is none
   */
  public Job find(String tenant, String id) {
    return jobs.find(tenant, id).orElseThrow(() -> new JobNotFoundException(id));
  }

  /**
   * Stops a job: at once while it waits, else within one step.
   *
   * @throws JobNotFoundException if there is none
   */
  public Job cancel(String tenant, String id) {
    Job job = jobs.requestCancel(tenant, id).orElseThrow(() -> new JobNotFoundException(id));
    workers.cancel(job);
    return job;
  }

  /**
   * A picture.
   *
   * @param image what it is
   * @param bytes the file
   */
  public record Picture(StoredImage image, ByteString bytes) {}

  /**
   * A picture of a job of this tenant.
   *
   * @throws JobNotFoundException if there is no such job
   * @throws ImageMissingException if there is no such picture
   */
  public Picture picture(String tenant, String id, int index) {
    Job job = find(tenant, id);
    if (job.state() != JobState.SUCCEEDED) {
      throw new ImageMissingException(
          "job " + id + ": " + job.state() + " (expected: SUCCEEDED)", true);
    }
    StoredImage image =
        job.images().stream()
            .filter(candidate -> candidate.index() == index)
            .findFirst()
            .orElseThrow(() ->
                new ImageMissingException(
                    "index: " + index + " (expected: 0.." + (job.images().size() - 1) + ")",
                    false));
    return images
        .find(new ImageKey(id, job.lease().epoch(), image.sha256()))
        .map(bytes -> new Picture(image, bytes))
        .orElseThrow(() ->
            new ImageMissingException(
                "image " + index + " of job " + id + ": dropped to make room for newer ones",
                false));
  }

  /** Where inputs are kept. */
  public InputStore inputs() {
    return inputs;
  }

  /** Listens to changes of jobs: gives embeddings back, learns how fast workers are. */
  public void onChange(Job job) {
    Job.Embeddings embeddings = job.embeddings();
    if (!job.state().isEnd()) {
      return;
    }
    if (embeddings != null) {
      prompts.release(job.parameters(), embeddings);
    }
    inputs.release(job.parameters().wish().inputs());
    Job.Timings timings = job.timings();
    if (job.state() == JobState.SUCCEEDED) {
      admission.completed(
          job.parameters().cost(),
          Duration.ofMillis(timings.denoiseMillis() + timings.decodeMillis()));
    }
    Job.JobError error = job.error();
    LOG.info(
        "job {} {}{}: encode {} ms{} wait {} ms denoise {} ms decode {} ms",
        job.id(),
        job.state(),
        error == null ? "" : " " + error.reason(),
        timings.encodeMillis(),
        embeddings != null && embeddings.cached() ? " (cached)" : "",
        timings.waitMillis(),
        timings.denoiseMillis(),
        timings.decodeMillis());
  }
}
