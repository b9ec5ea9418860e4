package dev.fluxgate.image.encode;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.util.Comparator.comparingInt;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts as an Exif block, a big-endian TIFF without pixels (formats spec §11.3, §11.4): Software in
 * its first directory, all texts as the UserComment of the Exif directory.
 */
final class ExifBlock {
  private static final int HEADER_BYTES = 8;
  private static final int ENTRY_BYTES = 12;
  private static final int SOFTWARE = 0x0131;
  private static final int EXIF_DIRECTORY = 0x8769;
  private static final int USER_COMMENT = 0x9286;
  private static final short ASCII = 2;
  private static final short LONG = 4;
  private static final short UNDEFINED = 7;
  private static final String LEFT_OUT = "left_out";
  private static final byte[] UTF_16_MARK = "UNICODE\0".getBytes(US_ASCII);

  private ExifBlock() {}

  /**
   * The block of these texts, of at most {@code limit} bytes: the longest texts are left out until
   * the rest fits, and an entry {@code left_out} names them.
   */
  static byte[] within(int limit, Map<String, String> text) {
    byte[] block = of(text);
    Map<String, String> rest = new LinkedHashMap<>(text);
    List<String> leftOut = new ArrayList<>();
    while (block.length > limit && !rest.isEmpty()) {
      String longest = Collections.max(rest.keySet(), comparingInt(key -> lengthOf(rest, key)));
      rest.remove(longest);
      leftOut.add(longest);
      Map<String, String> kept = new LinkedHashMap<>(rest);
      kept.put(LEFT_OUT, String.join(", ", leftOut));
      block = of(kept);
    }
    return block;
  }

  private static int lengthOf(Map<String, String> text, String key) {
    return text.getOrDefault(key, "").length();
  }

  /** The block of these texts; no bytes if there are none. */
  static byte[] of(Map<String, String> text) {
    if (text.isEmpty()) {
      return new byte[0];
    }
    List<Entry> first = new ArrayList<>();
    String software = text.get("Software");
    if (software != null) {
      first.add(new Entry(SOFTWARE, ASCII, (software + "\0").getBytes(US_ASCII)));
    }
    ByteArrayOutputStream comment = new ByteArrayOutputStream();
    comment.writeBytes(UTF_16_MARK);
    comment.writeBytes(JsonText.of(text).getBytes(UTF_16BE));
    Entry userComment = new Entry(USER_COMMENT, UNDEFINED, comment.toByteArray());

    // The pointer's four bytes lie in its entry, so the size of the directory is known before.
    first.add(new Entry(EXIF_DIRECTORY, LONG, new byte[4]));
    int second = HEADER_BYTES + directoryBytes(first);
    first.set(first.size() - 1, new Entry(EXIF_DIRECTORY, LONG, bytes(second)));

    ByteBuffer block = ByteBuffer.allocate(second + directoryBytes(List.of(userComment)));
    block.put((byte) 'M').put((byte) 'M').putShort((short) 42).putInt(HEADER_BYTES);
    write(first, block);
    write(List.of(userComment), block);
    return block.array();
  }

  private static int directoryBytes(List<Entry> entries) {
    return 2
        + entries.size() * ENTRY_BYTES
        + 4
        + entries.stream().mapToInt(Entry::bytesOutside).sum();
  }

  /** The directory at the position of {@code block}, with the values that its entries point to. */
  private static void write(List<Entry> entries, ByteBuffer block) {
    int outside = block.position() + 2 + entries.size() * ENTRY_BYTES + 4;
    block.putShort((short) entries.size());
    for (Entry entry : entries) {
      int count = entry.type == LONG ? 1 : entry.value.length;
      block.putShort((short) entry.tag).putShort(entry.type).putInt(count);
      if (entry.bytesOutside() == 0) {
        block.put(entry.value).position(block.position() + 4 - entry.value.length);
      } else {
        block.putInt(outside).put(outside, entry.value);
        outside += entry.bytesOutside();
      }
    }
    block.putInt(0); // no further directory
    block.position(outside);
  }

  private static byte[] bytes(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  @SuppressWarnings("ArrayRecordComponent") // Built and written here, never compared.
  private record Entry(int tag, short type, byte[] value) {
    /** Bytes of a value that does not fit into its entry, even as offsets must be. */
    int bytesOutside() {
      return value.length <= 4 ? 0 : value.length + (value.length & 1);
    }
  }
}
