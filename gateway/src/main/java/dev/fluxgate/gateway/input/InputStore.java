package dev.fluxgate.gateway.input;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.PackedTensor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Inputs by content, bounded in bytes. An input stays while a job holds it, and for a while after
 * it was last stored or let go; what nobody holds makes room for what comes, the oldest first.
 */
public final class InputStore {
  private final Map<InputRef, Entry> entries = new LinkedHashMap<>();
  private final InputBytes bytes;
  private final Limits limits;
  private final InstantSource clock;
  private long used;

  /**
   * What the store takes.
   *
   * @param bytes of all inputs together
   * @param inputBytes of one
   * @param idle how long an input stays that no job holds
   */
  public record Limits(long bytes, long inputBytes, Duration idle) {}

  private record Entry(Input input, int holders, Instant since) {}

  /** An empty store. */
  public InputStore(InputBytes bytes, Limits limits, InstantSource clock) {
    this.bytes = bytes;
    this.limits = limits;
    this.clock = clock;
  }

  /** Most bytes of one input. */
  public long maxInputBytes() {
    return Math.min(limits.inputBytes(), limits.bytes());
  }

  /**
   * Stores an input that was checked; storing it again only keeps it longer.
   *
   * @throws InputStoreFullException if there is no room beside what jobs hold
   */
  public synchronized void put(Input input, ByteString content) {
    Entry known = entries.remove(input.ref());
    if (known != null) {
      entries.put(input.ref(), new Entry(known.input(), known.holders(), clock.instant()));
      return;
    }
    makeRoom(input.byteSize());
    bytes.put(input.ref(), content);
    used += input.byteSize();
    entries.put(input.ref(), new Entry(input, 0, clock.instant()));
  }

  private void makeRoom(long size) {
    Instant stale = clock.instant().minus(limits.idle());
    long held =
        entries.values().stream()
            .filter(entry -> entry.holders() > 0)
            .mapToLong(entry -> entry.input().byteSize())
            .sum();
    if (size > limits.bytes() - held) {
      throw new InputStoreFullException(size, held, limits.bytes());
    }
    // Idle entries are in the order in which they became so.
    Iterator<Entry> oldest = entries.values().iterator();
    while (oldest.hasNext()) {
      Entry entry = oldest.next();
      boolean isIdle = entry.holders() == 0;
      if (isIdle && (used + size > limits.bytes() || entry.since().isBefore(stale))) {
        bytes.delete(entry.input().ref());
        used -= entry.input().byteSize();
        oldest.remove();
      }
    }
  }

  /** What is known of an input. */
  public synchronized Optional<Input> describe(InputRef ref) {
    return Optional.ofNullable(entries.get(ref)).map(Entry::input);
  }

  /**
   * Keeps inputs until {@link #release}; all or none.
   *
   * @return those that are missing; nothing is held unless this is empty
   */
  public synchronized List<InputRef> hold(Collection<InputRef> refs) {
    List<InputRef> missing = refs.stream().filter(ref -> !entries.containsKey(ref)).toList();
    if (missing.isEmpty()) {
      refs.forEach(ref ->
          entries.computeIfPresent(
              ref, (_, old) -> new Entry(old.input(), old.holders() + 1, old.since())));
    }
    return missing;
  }

  /** Gives back one hold on each; idle time begins anew. */
  public synchronized void release(Collection<InputRef> refs) {
    for (InputRef ref : new ArrayList<>(refs)) {
      Entry old = entries.remove(ref);
      if (old != null) {
        entries.put(ref, new Entry(old.input(), Math.max(0, old.holders() - 1), clock.instant()));
      }
    }
  }

  /** The bytes of an input. */
  public Optional<ByteString> read(InputRef ref) {
    return describe(ref).flatMap(input -> bytes.find(input.ref()));
  }

  /** A tensor as it travels; empty where there is none of this name. */
  public Optional<PackedTensor> tensor(InputRef ref) {
    return describe(ref)
        .flatMap(input ->
            input.spec() instanceof Input.Tensor(var header)
                ? bytes.find(ref).map(data -> new PackedTensor(header, data))
                : Optional.empty());
  }

  /** Bytes stored. */
  public synchronized long bytes() {
    return used;
  }
}
