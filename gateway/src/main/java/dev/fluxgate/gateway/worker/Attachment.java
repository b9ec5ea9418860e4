package dev.fluxgate.gateway.worker;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.job.Job;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** One stream of one worker, as long as it lasts. Guarded by the pool's lock. */
public final class Attachment {
  /** What a worker may hold beyond this is not worth remembering. */
  private static final int MAX_HELD = 256;

  private final String session;
  private final WorkerGreeting greeting;
  private final WorkerLink link;
  private final Set<ByteString> held =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<ByteString, Boolean> eldest) {
              return size() > MAX_HELD;
            }
          });
  private int credits;
  private boolean draining;

  Attachment(String session, WorkerGreeting greeting, WorkerLink link) {
    this.session = session;
    this.greeting = greeting;
    this.link = link;
    held.addAll(greeting.heldEmbeddings());
  }

  /** Names this attachment in logs. */
  public String session() {
    return session;
  }

  /** Who is attached. */
  public WorkerGreeting greeting() {
    return greeting;
  }

  WorkerLink link() {
    return link;
  }

  Set<ByteString> held() {
    return held;
  }

  boolean canTake() {
    return credits > 0 && !draining;
  }

  void grant(int count) {
    credits = (int) Math.min(Integer.MAX_VALUE, (long) credits + count);
  }

  void drain() {
    draining = true;
  }

  void assign(Job job) {
    credits--;
    Job.Embeddings embeddings = job.embeddings();
    if (embeddings != null) {
      embeddings.refs().forEach(ref -> held.add(ref.sha256()));
    }
    link.assign(job);
  }
}
