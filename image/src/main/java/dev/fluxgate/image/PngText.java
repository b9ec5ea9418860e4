package dev.fluxgate.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.zip.InflaterInputStream;

/**
 * A keyword and its text in a PNG file: {@code tEXt} where Latin-1 suffices, {@code iTXt} (UTF-8)
 * otherwise (formats spec §11.2).
 *
 * @param keyword 1 to 79 printable Latin-1 characters without leading, trailing or double spaces
 * @param text any text without NUL
 */
record PngText(String keyword, String text) {
  /** Longest text that is read, compressed or not: what a bomb may cost. */
  static final int MAX_TEXT_BYTES = 16 << 20;

  PngText {
    if (!keyword.matches("[!-~¡-ÿ]+( [!-~¡-ÿ]+)*") || keyword.length() > 79) {
      throw new IllegalArgumentException(
          "keyword: '" + keyword + "' (expected: 1 to 79 Latin-1 characters, no needless space)");
    }
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("text of " + keyword + ": a NUL (expected: none)");
    }
  }

  void write(ByteArrayOutputStream file) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(keyword.getBytes(ISO_8859_1));
    boolean latin1 = ISO_8859_1.newEncoder().canEncode(text);
    // iTXt: end of keyword, no compression, method 0, no language, no translated keyword.
    content.writeBytes(new byte[latin1 ? 1 : 5]);
    content.writeBytes(text.getBytes(latin1 ? ISO_8859_1 : UTF_8));
    PngChunk.write(file, latin1 ? "tEXt" : "iTXt", content.toByteArray());
  }

  static boolean isText(PngChunk chunk) {
    return switch (chunk.type()) {
      case "tEXt", "zTXt", "iTXt" -> true;
      default -> false;
    };
  }

  /** Reads a text chunk; one that breaks the rules of the format is refused. */
  static PngText read(String name, PngChunk chunk) {
    try {
      ByteBuffer rest = chunk.content().duplicate();
      String keyword = new String(untilNul(rest), ISO_8859_1);
      return switch (chunk.type()) {
        case "tEXt" -> new PngText(keyword, decodeLoosely(bytes(rest)));
        case "zTXt" -> {
          rest.get(); // the only method there is
          yield new PngText(keyword, new String(inflate(bytes(rest)), ISO_8859_1));
        }
        default -> {
          boolean compressed = rest.get() != 0;
          rest.get(); // the only method there is
          untilNul(rest); // language
          untilNul(rest); // keyword in that language
          byte[] text = bytes(rest);
          yield new PngText(keyword, new String(compressed ? inflate(text) : text, UTF_8));
        }
      };
    } catch (IOException | java.nio.BufferUnderflowException | IllegalArgumentException e) {
      throw new MalformedImageException(
          name + ": chunk " + chunk.type() + " holds no text (" + e.getMessage() + ")", e);
    }
  }

  /** Some writers put UTF-8 where the standard wants Latin-1; Latin-1 rarely is valid UTF-8. */
  private static String decodeLoosely(byte[] text) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
    } catch (CharacterCodingException _) {
      return new String(text, ISO_8859_1);
    }
  }

  private static byte[] untilNul(ByteBuffer rest) {
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    for (byte b = rest.get(); b != 0; b = rest.get()) {
      taken.write(b);
    }
    return taken.toByteArray();
  }

  private static byte[] bytes(ByteBuffer rest) throws IOException {
    if (rest.remaining() > MAX_TEXT_BYTES) {
      throw new IOException("text of " + rest.remaining() + " bytes, at most " + MAX_TEXT_BYTES);
    }
    byte[] bytes = new byte[rest.remaining()];
    rest.get(bytes);
    return bytes;
  }

  private static byte[] inflate(byte[] compressed) throws IOException {
    try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(compressed))) {
      byte[] text = in.readNBytes(MAX_TEXT_BYTES + 1);
      return bytes(ByteBuffer.wrap(text));
    }
  }
}
