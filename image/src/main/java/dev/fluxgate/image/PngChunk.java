package dev.fluxgate.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * One chunk of a PNG file: length, type, content, CRC-32 of type and content.
 *
 * @param type four letters; an upper-case first one marks a chunk that no reader may skip
 * @param content a view of the bytes between type and CRC
 */
public record PngChunk(String type, ByteBuffer content) {
  static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int FRAME_BYTES = 12;

  /** Most chunks of a file that is read: those of a large one in small pieces. */
  private static final int MAX_CHUNKS = 1 << 17;

  /** What every PNG file begins with. */
  public static byte[] signature() {
    return SIGNATURE.clone();
  }

  /**
   * All chunks up to IEND, with lengths and CRCs checked.
   *
   * @throws MalformedImageException if the bytes are no complete PNG file
   */
  public static List<PngChunk> readAll(String name, byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    if (!startsWithSignature(bytes)) {
      throw new MalformedImageException(name + ": no PNG signature (expected: a PNG file)");
    }
    List<PngChunk> chunks = new ArrayList<>();
    bytes.position(SIGNATURE.length);
    while (chunks.isEmpty() || !chunks.getLast().type.equals("IEND")) {
      if (chunks.size() == MAX_CHUNKS) {
        throw new MalformedImageException(
            name + ": more chunks (expected: at most " + MAX_CHUNKS + ")");
      }
      chunks.add(readOne(name, bytes));
    }
    return chunks;
  }

  private static boolean startsWithSignature(ByteBuffer bytes) {
    return bytes.remaining() >= SIGNATURE.length
        && bytes.slice(0, SIGNATURE.length).equals(ByteBuffer.wrap(SIGNATURE));
  }

  private static PngChunk readOne(String name, ByteBuffer bytes) {
    int start = bytes.position();
    int length = bytes.remaining() < FRAME_BYTES ? -1 : bytes.getInt(start);
    if (length < 0 || length > bytes.remaining() - FRAME_BYTES) {
      throw new MalformedImageException(
          name + ": ends inside the chunk at byte " + start + " (expected: a complete PNG file)");
    }
    ByteBuffer typeAndContent = bytes.slice(start + 4, 4 + length);
    byte[] type = new byte[4];
    typeAndContent.get(0, type);
    CRC32 crc = new CRC32();
    crc.update(typeAndContent.duplicate());
    int stored = bytes.getInt(start + 8 + length);
    String typeName = new String(type, ISO_8859_1);
    if (stored != (int) crc.getValue()) {
      throw new MalformedImageException(
          String.format(
              "%s: chunk %s at byte %d has CRC %08x (expected: %08x)",
              name, typeName, start, stored, (int) crc.getValue()));
    }
    bytes.position(start + FRAME_BYTES + length);
    return new PngChunk(typeName, bytes.slice(start + 8, length));
  }

  /** Appends a chunk of {@code type} with {@code content} to {@code file}. */
  public static void write(ByteArrayOutputStream file, String type, byte[] content) {
    byte[] typeBytes = type.getBytes(ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(typeBytes);
    crc.update(content);
    file.writeBytes(bigEndian(content.length));
    file.writeBytes(typeBytes);
    file.writeBytes(content);
    file.writeBytes(bigEndian((int) crc.getValue()));
  }

  static byte[] bigEndian(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }
}
