package dev.fluxgate.gateway.worker;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.job.Job;
import java.util.List;
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

  private String passedJob = "";
  private int passes;

  /**
   * Chooses, and remembers if the first was passed over.
   *
   * @param waiting in fair order
   * @param worker who asks
   * @param held hashes of the embeddings it holds
   * @param isAlone whether no other worker could take what this one is excluded from
   */
  Optional<Job> choose(List<Job> waiting, String worker, Set<ByteString> held, boolean isAlone) {
    List<Job> eligible =
        waiting.stream()
            .filter(job -> isAlone || !job.lease().excluded().contains(worker))
            .toList();
    if (eligible.isEmpty()) {
      return Optional.empty();
    }
    Job head = eligible.getFirst();
    boolean mayPass = !head.id().equals(passedJob) || passes < MAX_PASSES;
    Job choice =
        eligible.stream().filter(job -> mayPass && holds(held, job)).findFirst().orElse(head);
    if (!choice.id().equals(head.id())) {
      passes = head.id().equals(passedJob) ? passes + 1 : 1;
      passedJob = head.id();
    }
    return Optional.of(choice);
  }

  private static boolean holds(Set<ByteString> held, Job job) {
    Job.Embeddings embeddings = job.embeddings();
    if (embeddings == null) {
      return false;
    }
    return embeddings.refs().stream().allMatch(ref -> held.contains(ref.sha256()));
  }
}
