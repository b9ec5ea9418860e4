package dev.fluxgate.gateway.input;

import com.google.protobuf.ByteString;
import java.util.Optional;

/** Where the bytes of inputs lie. What lies there is decided by the {@link InputStore}. */
public interface InputBytes {

  /** Stores bytes; they are safe once this returns. Storing them again changes nothing. */
  void put(InputRef ref, ByteString bytes);

  /** The bytes. */
  Optional<ByteString> find(InputRef ref);

  /** Forgets the bytes. */
  void delete(InputRef ref);
}
