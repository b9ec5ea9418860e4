package dev.fluxgate.gateway.image;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.input.PictureHeader;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.serving.InvalidFieldException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Takes the bytes of one picture in order, and holds them against what was announced: length, hash,
 * type and size. Not for use by several threads.
 */
public final class ImageReceiver {
  /** Most bytes of one run. */
  public static final int MAX_CHUNK_BYTES = 1 << 20;

  private final StoredImage announced;
  private final MessageDigest digest = ContentHash.sha256();
  private final List<ByteString> parts = new ArrayList<>();
  private long received;

  /** Begins a picture. */
  public ImageReceiver(StoredImage announced) {
    this.announced = announced;
  }

  /**
   * Takes the next run of bytes.
   *
   * @throws ImageCorruptException if it is empty, above 1 MiB, or more than was announced
   */
  public void accept(ByteString data) {
    long room = Math.min(MAX_CHUNK_BYTES, announced.byteSize() - received);
    require(
        !data.isEmpty() && data.size() <= room,
        data.size() + " bytes at " + received,
        "1.." + room);
    ContentHash.update(digest, data);
    parts.add(data);
    received += data.size();
  }

  /**
   * Ends the picture.
   *
   * @return its bytes
   * @throws ImageCorruptException if they are not what was announced
   */
  public ByteString finish() {
    require(received == announced.byteSize(), received + " bytes", "" + announced.byteSize());
    byte[] actual = digest.digest();
    require(
        MessageDigest.isEqual(actual, announced.sha256().toByteArray()),
        "sha256 " + HexFormat.of().formatHex(actual),
        HexFormat.of().formatHex(announced.sha256().toByteArray()));
    ByteString file = ByteString.copyFrom(parts);
    check(file);
    return file;
  }

  /** Holds the first bytes against what was announced. Latents have no size of their own. */
  private void check(ByteString file) {
    if (announced.mediaType().equals(SafetensorsHeader.MEDIA_TYPE)) {
      require(SafetensorsHeader.isPlausible(file), "no safetensors", SafetensorsHeader.MEDIA_TYPE);
      return;
    }
    PictureHeader expected =
        new PictureHeader(announced.mediaType(), announced.width(), announced.height());
    try {
      PictureHeader found = PictureHeader.read(file);
      require(expected.equals(found), found.toString(), expected.toString());
    } catch (InvalidFieldException e) {
      throw new ImageCorruptException(
          "image " + announced.index() + ": " + e.getMessage() + " (expected: " + expected + ")");
    }
  }

  private void require(boolean holds, String value, String expected) {
    if (!holds) {
      throw new ImageCorruptException(
          "image " + announced.index() + ": " + value + " (expected: " + expected + ")");
    }
  }
}
