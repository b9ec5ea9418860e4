package dev.fluxgate.gateway.input;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.proto.tensor.MalformedTensorException;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.proto.tensor.TensorGeometry;
import dev.fluxgate.proto.tensor.TensorIdentity;
import dev.fluxgate.proto.tensor.TensorLimits;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.TensorHeader;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes the bytes of one input in order, and holds them against what was announced: length, hash,
 * and what a picture's first bytes say. Nothing is allocated for what is merely announced. Not for
 * use by several threads.
 */
public final class InputReceiver {
  private final long announced;
  private final @Nullable ByteString expectedHash;
  private final Function<ByteString, Received> end;
  private final MessageDigest digest = ContentHash.sha256();
  private final List<ByteString> parts = new ArrayList<>();
  private long received;

  /**
   * An input whose bytes are all there.
   *
   * @param input what it is
   * @param bytes its content
   */
  public record Received(Input input, ByteString bytes) {}

  private InputReceiver(
      long announced, @Nullable ByteString expectedHash, Function<ByteString, Received> end) {
    this.announced = announced;
    this.expectedHash = expectedHash;
    this.end = end;
  }

  /**
   * Begins a picture.
   *
   * @param byteSize of its file
   * @param sha256 of its file; null where nobody told
   * @throws InvalidFieldException if it is announced too large, or with a hash that is none
   */
  public static InputReceiver picture(long byteSize, @Nullable ByteString sha256, long most) {
    size("header.image.byte_size", byteSize, most);
    if (sha256 != null && sha256.size() != ContentHash.BYTES) {
      throw new InvalidFieldException(
          "header.image.sha256",
          "sha256: " + sha256.size() + " bytes (expected: " + ContentHash.BYTES + ")");
    }
    return new InputReceiver(
        byteSize,
        sha256,
        file -> {
          ByteString hash = ContentHash.of(file);
          PictureHeader header = PictureHeader.read(file);
          return new Received(
              new Input(new InputRef(hash), new Input.Picture(header, hash), file.size()), file);
        });
  }

  /**
   * Begins a tensor.
   *
   * @throws InvalidFieldException if its header contradicts itself or is too large
   */
  public static InputReceiver tensor(TensorHeader header, long most) {
    size("header.tensor.byte_size", header.getByteSize(), most);
    try {
      TensorGeometry.of(header, TensorLimits.INPUT);
    } catch (MalformedTensorException e) {
      throw new InvalidFieldException("header.tensor", String.valueOf(e.getMessage()));
    }
    return new InputReceiver(
        header.getByteSize(),
        header.getSha256(),
        bytes ->
            new Received(
                new Input(
                    new InputRef(TensorIdentity.of(header)),
                    new Input.Tensor(header),
                    bytes.size()),
                bytes));
  }

  private static void size(String field, long byteSize, long most) {
    if (byteSize < 1 || byteSize > most) {
      throw new InvalidFieldException(
          field, "byte_size: " + byteSize + " (expected: 1.." + most + ")");
    }
  }

  /**
   * Takes the next run of bytes.
   *
   * @throws InputCorruptException if it is empty, above 1 MiB, or more than was announced
   */
  public void accept(ByteString data) {
    long room = Math.min(TensorChunks.MAX_CHUNK_BYTES, announced - received);
    require(
        !data.isEmpty() && data.size() <= room,
        data.size() + " bytes at " + received,
        "1.." + room);
    ContentHash.update(digest, data);
    parts.add(data);
    received += data.size();
  }

  /**
   * Takes all bytes at once, and ends the input.
   *
   * @throws InputCorruptException if they are not what was announced
   * @throws InvalidFieldException if they are no picture that can be taken
   */
  public Received all(ByteString bytes) {
    for (int at = 0; at < bytes.size(); at += TensorChunks.MAX_CHUNK_BYTES) {
      accept(bytes.substring(at, Math.min(bytes.size(), at + TensorChunks.MAX_CHUNK_BYTES)));
    }
    return finish();
  }

  /**
   * Ends the input.
   *
   * @throws InputCorruptException if its bytes are not what was announced
   * @throws InvalidFieldException if they are no picture that can be taken
   */
  public Received finish() {
    require(received == announced, received + " bytes", announced + " bytes");
    byte[] actual = digest.digest();
    require(
        expectedHash == null || MessageDigest.isEqual(actual, expectedHash.toByteArray()),
        "sha256 " + HexFormat.of().formatHex(actual),
        expectedHash == null ? "" : HexFormat.of().formatHex(expectedHash.toByteArray()));
    return end.apply(ByteString.copyFrom(parts));
  }

  private static void require(boolean holds, String value, String expected) {
    if (!holds) {
      throw new InputCorruptException(value, expected);
    }
  }
}
