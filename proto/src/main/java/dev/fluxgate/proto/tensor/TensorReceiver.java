package dev.fluxgate.proto.tensor;

import com.google.protobuf.ByteString;
import dev.fluxgate.v1.TensorChunk;
import dev.fluxgate.v1.TensorHeader;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Takes the chunks of one tensor in order, and keeps them as they came, without copying. Nothing is
 * allocated for what a header merely promises. Not for use by several threads.
 */
public final class TensorReceiver {
  private final TensorHeader header;
  private final MessageDigest digest = ContentHash.sha256();
  private final List<ByteString> parts = new ArrayList<>();
  private long received;

  /**
   * Begins a tensor.
   *
   * @throws MalformedTensorException if the header contradicts itself or exceeds the limits
   */
  public TensorReceiver(TensorHeader header, TensorLimits limits) {
    TensorGeometry.of(header, limits);
    this.header = header;
  }

  /**
   * Takes the next chunk.
   *
   * @throws MalformedTensorException for a chunk that is empty, too long or not the next one
   */
  public void accept(TensorChunk chunk) {
    ByteString data = chunk.getData();
    require(chunk.getOffset() == received, "offset: " + chunk.getOffset(), "" + received);
    long room = Math.min(TensorChunks.MAX_CHUNK_BYTES, header.getByteSize() - received);
    require(
        !data.isEmpty() && data.size() <= room,
        "chunk: " + data.size() + " bytes at " + received,
        "1.." + room);
    ContentHash.update(digest, data);
    parts.add(data);
    received += data.size();
  }

  /** Whether all bytes are there. */
  public boolean isComplete() {
    return received == header.getByteSize();
  }

  /**
   * Ends the tensor.
   *
   * @throws MalformedTensorException if bytes are missing or their hash is another
   */
  public PackedTensor finish() {
    require(isComplete(), received + " bytes received", "" + header.getByteSize());
    byte[] actual = digest.digest();
    require(
        MessageDigest.isEqual(actual, header.getSha256().toByteArray()),
        "sha256: " + HexFormat.of().formatHex(actual),
        HexFormat.of().formatHex(header.getSha256().toByteArray()));
    return new PackedTensor(header, ByteString.copyFrom(parts));
  }

  private void require(boolean holds, String value, String expected) {
    if (!holds) {
      throw new MalformedTensorException(
          "tensor \"" + header.getName() + "\": " + value + " (expected: " + expected + ")");
    }
  }
}
