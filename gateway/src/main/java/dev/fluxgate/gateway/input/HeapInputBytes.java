package dev.fluxgate.gateway.input;

import com.google.protobuf.ByteString;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Inputs of one process, lost with it. */
public final class HeapInputBytes implements InputBytes {
  private final Map<InputRef, ByteString> inputs = new ConcurrentHashMap<>();

  @Override
  public void put(InputRef ref, ByteString bytes) {
    inputs.putIfAbsent(ref, bytes);
  }

  @Override
  public Optional<ByteString> find(InputRef ref) {
    return Optional.ofNullable(inputs.get(ref));
  }

  @Override
  public void delete(InputRef ref) {
    inputs.remove(ref);
  }
}
