package dev.fluxgate.encoder.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.upsample.UpsamplingSpec;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.UpsamplePromptRequest;
import dev.fluxgate.v1.UpsamplingSettings;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The messages of an UpsamplePrompt call → what is to be rewritten. Nothing is kept beyond what the
 * settings announced, and the settings announce no more than the limits.
 */
final class UpsamplePromptCodec {
  /** Most pictures of a call. */
  static final int MAX_PICTURES = 10;

  /** Most bytes of one picture. */
  static final long MAX_PICTURE_BYTES = 32 << 20;

  /** Most bytes of all pictures of a call. */
  static final long MAX_BYTES = 64 << 20;

  /** Most bytes of one message. */
  static final int MAX_CHUNK_BYTES = 1 << 20;

  private final List<ByteArrayOutputStream> pictures = new ArrayList<>();
  private @Nullable UpsamplingSettings settings;

  /** Turns the file of a picture into pixels. */
  @FunctionalInterface
  interface Decoder {
    /**
     * Decodes one.
     *
     * @throws IllegalArgumentException naming what is wrong with it
     */
    RgbImage decode(String name, byte[] file);
  }

  /** Takes the next message; the first one gives the settings. */
  void accept(UpsamplePromptRequest message) {
    switch (message.getPartCase()) {
      case SETTINGS -> begin(message.getSettings());
      case IMAGE_CHUNK -> append(message.getImageChunk());
      case PART_NOT_SET -> throw new InvalidFieldException("part", "part: none (expected: one)");
    }
  }

  /** Bytes of the pictures announced. */
  long announcedBytes() {
    return settings == null
        ? 0
        : settings.getImageBytesList().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * What is to be rewritten, once all messages are there.
   *
   * @throws InvalidFieldException naming the field at fault
   */
  UpsamplingSpec finish(Decoder decoder) {
    UpsamplingSettings given = settings;
    if (given == null) {
      throw new InvalidFieldException(
          "settings", "settings: none (expected: in the first message)");
    }
    if (pictures.size() < given.getImageBytesCount() || !isComplete()) {
      throw new InvalidFieldException(
          "image_chunk",
          "image_chunk: the pictures end early (expected: " + announcedBytes() + " bytes in all)");
    }
    List<RgbImage> decoded = new ArrayList<>(pictures.size());
    for (int i = 0; i < pictures.size(); i++) {
      String name = "image " + i;
      byte[] file = pictures.get(i).toByteArray();
      decoded.add(checked("image_chunk", () -> decoder.decode(name, file)));
    }
    pictures.clear();
    return checked(
        "settings",
        () ->
            new UpsamplingSpec(
                prompt(given),
                decoded,
                given.hasTemperature() ? given.getTemperature() : UpsamplingSpec.TEMPERATURE,
                given.getSeed(),
                given.getMaxNewTokens() == 0
                    ? UpsamplingSpec.MAX_NEW_TOKENS
                    : given.getMaxNewTokens()));
  }

  private static Prompt prompt(UpsamplingSettings given) {
    if (given.getPrompt().isBlank()) {
      throw new IllegalArgumentException("prompt: blank (expected: some text)");
    }
    return new Prompt(given.getPrompt());
  }

  private void begin(UpsamplingSettings given) {
    if (settings != null) {
      throw new InvalidFieldException("settings", "settings: twice (expected: once)");
    }
    List<Long> sizes = given.getImageBytesList();
    long total = 0;
    for (long size : sizes) {
      if (size < 1 || size > MAX_PICTURE_BYTES) {
        throw new InvalidFieldException(
            "image_bytes", "image_bytes: " + size + " (expected: 1.." + MAX_PICTURE_BYTES + ")");
      }
      total += size;
    }
    if (sizes.size() > MAX_PICTURES || total > MAX_BYTES) {
      throw new InvalidFieldException(
          "image_bytes",
          "image_bytes: %d pictures of %d bytes (expected: at most %d of %d together)"
              .formatted(sizes.size(), total, MAX_PICTURES, MAX_BYTES));
    }
    settings = given;
  }

  private void append(ByteString chunk) {
    UpsamplingSettings given = settings;
    if (given == null || chunk.isEmpty() || chunk.size() > MAX_CHUNK_BYTES) {
      throw new InvalidFieldException(
          "image_chunk",
          "image_chunk: "
              + chunk.size()
              + " bytes (expected: 1.."
              + MAX_CHUNK_BYTES
              + ", after the settings)");
    }
    if (isComplete()) {
      pictures.add(new ByteArrayOutputStream());
    }
    int index = pictures.size() - 1;
    if (pictures.size() > given.getImageBytesCount()
        || pictures.getLast().size() + (long) chunk.size() > given.getImageBytes(index)) {
      throw new InvalidFieldException(
          "image_chunk",
          "image_chunk: more bytes than image_bytes announced for picture "
              + index
              + " (expected: chunks of one picture, no longer than it)");
    }
    byte[] bytes = chunk.toByteArray();
    pictures.getLast().write(bytes, 0, bytes.length);
  }

  /** Whether the last picture begun has all its bytes. */
  private boolean isComplete() {
    return pictures.isEmpty()
        || pictures.getLast().size()
            == Objects.requireNonNull(settings).getImageBytes(pictures.size() - 1);
  }

  private static <T> T checked(String field, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new InvalidFieldException(field, String.valueOf(e.getMessage()));
    }
  }
}
