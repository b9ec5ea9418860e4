package dev.fluxgate.gateway.image;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The size that a PNG file says it has. Workers are not trusted to upload what they announce.
 *
 * @param width pixels
 * @param height pixels
 */
public record PngHeader(int width, int height) {
  private static final long SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int IHDR_LENGTH = 13;
  private static final int IHDR = 0x49484452;
  private static final int BYTES = 8 + 4 + 4 + 8;

  /** Reads the first chunk of a PNG file (PNG, third edition, §5.2 and §11.2.1). */
  public static Optional<PngHeader> read(ByteString file) {
    if (file.size() < BYTES) {
      return Optional.empty();
    }
    ByteBuffer start = ByteBuffer.wrap(file.substring(0, BYTES).toByteArray());
    boolean isPng =
        start.getLong() == SIGNATURE && start.getInt() == IHDR_LENGTH && start.getInt() == IHDR;
    return isPng ? Optional.of(new PngHeader(start.getInt(), start.getInt())) : Optional.empty();
  }
}
