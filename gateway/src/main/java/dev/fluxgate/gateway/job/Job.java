package dev.fluxgate.gateway.job;

import dev.fluxgate.gateway.image.StoredImage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A job at one moment. Jobs change only in a {@link JobStore}; every change raises the sequence.
 *
 * @param id chosen by the gateway
 * @param request whose it is, and what makes a repeat of it recognisable
 * @param modelHash the model that draws it
 * @param parameters what to draw
 * @param state where it stands
 * @param progress what it is at
 * @param embeddings what its prompt became; null before that
 * @param images the pictures uploaded under the present lease
 * @param error why it failed; null unless it has
 * @param times when it was accepted, and so on
 * @param timings where its time went
 * @param lease who may change it
 * @param cancelRequested whether its owner wants it stopped
 * @param sequence rises with every change
 */
public record Job(
    String id,
    Request request,
    String modelHash,
    GenerationParameters parameters,
    JobState state,
    Progress progress,
    @Nullable Embeddings embeddings,
    List<StoredImage> images,
    @Nullable JobError error,
    Times times,
    Timings timings,
    Lease lease,
    boolean cancelRequested,
    long sequence) {

  /**
   * Whose a job is.
   *
   * @param tenant nobody else sees it
   * @param requestId chosen by the caller; null where it chose none
   * @param hash of the request as it came, before defaults
   */
  public record Request(String tenant, @Nullable String requestId, String hash) {}

  /**
   * What a job is at.
   *
   * @param stage what is being done
   * @param step finished denoising steps, over all pictures
   * @param totalSteps denoising steps in all; 0 until a worker has the job
   */
  public record Progress(JobStage stage, int step, int totalSteps) {}

  /**
   * What the prompt became.
   *
   * @param prompt the prompt embeds
   * @param negative the embeds of the negative prompt; null where nothing guides by it
   * @param pooled goes with {@code prompt}; null where the model takes none
   * @param negativePooled goes with {@code negative}; null where the model takes none
   * @param cached whether all came out of the cache
   * @param truncated whether the prompt lost its end
   * @param upsampledPrompt what was encoded in place of the prompt; null: the prompt itself
   */
  public record Embeddings(
      EmbeddingRef prompt,
      @Nullable EmbeddingRef negative,
      @Nullable EmbeddingRef pooled,
      @Nullable EmbeddingRef negativePooled,
      boolean cached,
      boolean truncated,
      @Nullable String upsampledPrompt) {

    /** All of them. */
    public List<EmbeddingRef> refs() {
      List<EmbeddingRef> refs = new ArrayList<>();
      refs.add(prompt);
      for (EmbeddingRef ref : Arrays.asList(negative, pooled, negativePooled)) {
        if (ref != null) {
          refs.add(ref);
        }
      }
      return refs;
    }
  }

  /**
   * Why a job failed.
   *
   * @param reason UPPER_SNAKE_CASE
   * @param message one line for people
   */
  public record JobError(String reason, String message) {}

  /**
   * Moments in the life of a job.
   *
   * @param created when it was accepted
   * @param deadline when it expires
   * @param embedded when its embeddings were there; null before
   * @param ended when it ended; null before
   */
  public record Times(
      Instant created, Instant deadline, @Nullable Instant embedded, @Nullable Instant ended) {}

  /**
   * Where the time of a job went; 0 for what has not been.
   *
   * @param encodeMillis from the call to the embeddings
   * @param waitMillis from the embeddings to the first lease
   * @param denoiseMillis all steps
   * @param decodeMillis latents to files
   */
  public record Timings(long encodeMillis, long waitMillis, long denoiseMillis, long decodeMillis) {
    /** Before anything was done. */
    public static final Timings NONE = new Timings(0, 0, 0, 0);
  }

  /**
   * Who may change a job.
   *
   * @param epoch of the last lease; 0 before the first
   * @param worker holder of the present lease; null where there is none
   * @param until when the lease lapses; while QUEUED, when the job may be leased
   * @param attempts leases that ended badly
   * @param excluded workers that shall not have it again if another can
   */
  public record Lease(
      long epoch, @Nullable String worker, Instant until, int attempts, Set<String> excluded) {
    /** Copies the set. */
    public Lease {
      excluded = Set.copyOf(excluded);
    }
  }

  /** Copies the list. */
  public Job {
    images = List.copyOf(images);
  }

  /** A job that has just been accepted. */
  public static Job accepted(
      String id,
      Request request,
      String modelHash,
      GenerationParameters parameters,
      Instant now,
      Instant deadline) {
    return new Job(
        id,
        request,
        modelHash,
        parameters,
        JobState.QUEUED,
        new Progress(JobStage.ENCODING, 0, 0),
        null,
        List.of(),
        null,
        new Times(now, deadline, null, null),
        Timings.NONE,
        new Lease(0, null, now, 0, Set.of()),
        false,
        1);
  }

  /** The present or last lease. */
  public LeaseRef leaseRef() {
    return new LeaseRef(id, lease.epoch());
  }
}
