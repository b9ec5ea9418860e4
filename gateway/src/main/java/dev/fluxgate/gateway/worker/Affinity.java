package dev.fluxgate.gateway.worker;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.job.Job;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which of the waiting jobs suits a worker best: one whose embeddings it holds already, else the
 * first. The first is passed over a few times at most, so affinity starves nobody (serving §2.4).
 */
final class Affinity {
  /** How many of the waiting jobs are looked at. */
  static final int WINDOW = 32;

  private static final int MAX_PASSES = 4;

  private final Map<String, Integer> passes = new HashMap<>();

  /**
   * Chooses, and remembers if the first was passed over.
   *
   * @param eligible what the worker may have, in fair order
   * @param held hashes of the embeddings it holds
   */
  Optional<Job> choose(List<Job> eligible, Set<ByteString> held) {
    if (eligible.isEmpty()) {
      return Optional.empty();
    }
    Job head = eligible.getFirst();
    boolean mayPass = passes.getOrDefault(head.id(), 0) < MAX_PASSES;
    Job choice =
        eligible.stream().filter(job -> mayPass && holds(held, job)).findFirst().orElse(head);
    if (!choice.id().equals(head.id())) {
      passes.merge(head.id(), 1, Integer::sum);
    }
    return Optional.of(choice);
  }

  /** The job has ended. */
  void forget(String jobId) {
    passes.remove(jobId);
  }

  private static boolean holds(Set<ByteString> held, Job job) {
    Job.Embeddings embeddings = job.embeddings();
    if (embeddings == null) {
      return false;
    }
    return embeddings.refs().stream().allMatch(ref -> held.contains(ref.sha256()));
  }
}
