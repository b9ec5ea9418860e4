package dev.fluxgate.gateway.image;

import com.google.protobuf.ByteString;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Pictures of one process, lost with it; the oldest make room for the newest. */
public final class InMemoryImageStore implements ImageStore {
  private final Map<ImageKey, ByteString> images = new LinkedHashMap<>();
  private final long maxBytes;
  private long bytes;

  /** An empty store for at most {@code maxBytes}, the newest picture always included. */
  public InMemoryImageStore(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public synchronized void put(ImageKey key, ByteString image) {
    if (images.putIfAbsent(key, image) != null) {
      return;
    }
    bytes += image.size();
    Iterator<ByteString> oldest = images.values().iterator();
    while (bytes > maxBytes && images.size() > 1) {
      bytes -= oldest.next().size();
      oldest.remove();
    }
  }

  @Override
  public synchronized Optional<ByteString> find(ImageKey key) {
    return Optional.ofNullable(images.get(key));
  }
}
