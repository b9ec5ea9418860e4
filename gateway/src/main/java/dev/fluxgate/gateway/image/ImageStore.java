package dev.fluxgate.gateway.image;

import com.google.protobuf.ByteString;
import java.util.Optional;

/** Where the bytes of pictures are kept. They are stored before the job tells of them. */
public interface ImageStore {

  /** Stores a picture; it is safe once this returns. Storing it again changes nothing. */
  void put(ImageKey key, ByteString bytes);

  /** The bytes, unless they were dropped in the meantime. */
  Optional<ByteString> find(ImageKey key);
}
