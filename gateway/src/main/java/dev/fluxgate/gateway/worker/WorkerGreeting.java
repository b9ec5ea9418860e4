package dev.fluxgate.gateway.worker;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.job.LeaseRef;
import java.util.List;
import java.util.Set;

/**
 * What a worker says of itself when it attaches.
 *
 * @param workerId stable over restarts
 * @param instanceId differs for every start of its process
 * @param model what it draws with
 * @param heldEmbeddings hashes of the embeddings it holds
 * @param heldLeases what it is working on
 */
public record WorkerGreeting(
    String workerId,
    String instanceId,
    DrawingModel model,
    Set<ByteString> heldEmbeddings,
    List<LeaseRef> heldLeases) {
  /** Copies the collections. */
  public WorkerGreeting {
    heldEmbeddings = Set.copyOf(heldEmbeddings);
    heldLeases = List.copyOf(heldLeases);
  }
}
