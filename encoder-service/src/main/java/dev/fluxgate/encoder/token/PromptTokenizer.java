package dev.fluxgate.encoder.token;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Text → ids by a tokenizer folder, padded and truncated as transformers does it. Splitting and
 * merging are the native Hugging Face library's; the rest of the reference's behaviour is here.
 * Threads may share one.
 */
public final class PromptTokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;
  private final TokenizerFiles files;

  /** Specials that the tokenizer puts in front of a text, and behind it. */
  private final int[] prefix;

  private final int[] suffix;

  private PromptTokenizer(HuggingFaceTokenizer tokenizer, TokenizerFiles files) {
    this.tokenizer = tokenizer;
    this.files = files;
    Encoding probe = tokenizer.encode("a", true, false);
    long[] ids = probe.getIds();
    long[] special = probe.getSpecialTokenMask();
    int before = 0;
    while (before < ids.length && special[before] == 1) {
      before++;
    }
    int after = ids.length;
    while (after > before && special[after - 1] == 1) {
      after--;
    }
    prefix = toInts(Arrays.copyOfRange(ids, 0, before));
    suffix = toInts(Arrays.copyOfRange(ids, after, ids.length));
  }

  /**
   * Opens the tokenizer of a folder with tokenizer.json and tokenizer_config.json.
   *
   * @param defaultSide padding side where the folder names none
   * @throws TokenizerFormatException for a missing or malformed file, named in the message
   */
  public static PromptTokenizer open(Path folder, PaddingSide defaultSide) {
    TokenizerFiles files = TokenizerFiles.read(folder, defaultSide);
    return new PromptTokenizer(NativeTokenizers.open(files.file(), files.json()), files);
  }

  /** The ids of a text of any length, without padding. */
  public int[] ids(String text, boolean addSpecialTokens) {
    int[] plain = toInts(NativeTokenizers.ids(tokenizer, text));
    return addSpecialTokens ? frame(plain) : plain;
  }

  /**
   * Exactly {@code length} ids: a longer text loses its end, but keeps the specials added behind
   * it; a shorter one is padded.
   *
   * @throws IllegalArgumentException if {@code length} has no room for one token
   */
  public TokenIds encode(String text, boolean addSpecialTokens, int length) {
    int specials = addSpecialTokens ? prefix.length + suffix.length : 0;
    if (length <= specials) {
      throw new IllegalArgumentException(
          "max_sequence_length: " + length + " (expected: more than " + specials + " tokens)");
    }
    int[] plain = ids(text, false);
    boolean truncated = plain.length + specials > length;
    int[] kept = truncated ? Arrays.copyOf(plain, length - specials) : plain;
    int[] tokens = addSpecialTokens ? frame(kept) : kept;
    int first = files.paddingSide() == PaddingSide.LEFT ? length - tokens.length : 0;
    int[] padded = new int[length];
    Arrays.fill(padded, files.padToken());
    System.arraycopy(tokens, 0, padded, first, tokens.length);
    return new TokenIds(Arrays.stream(padded).boxed().toList(), first, tokens.length, truncated);
  }

  /** The text of ids; with {@code skipSpecialTokens} without special tokens. */
  public String decode(int[] ids, boolean skipSpecialTokens) {
    long[] longs = Arrays.stream(ids).asLongStream().toArray();
    String text = tokenizer.decode(longs, skipSpecialTokens);
    // CLIP marks ends of words in its vocabulary; the library leaves them in, transformers does
    // not.
    return files.wordSuffix().isEmpty() ? text : text.replace(files.wordSuffix(), " ").strip();
  }

  /** Id of the padding token. */
  public int padToken() {
    return files.padToken();
  }

  /** Where padding goes. */
  public PaddingSide paddingSide() {
    return files.paddingSide();
  }

  /**
   * Most tokens the model was made for; {@link Integer#MAX_VALUE} where the folder has no limit.
   */
  public int modelMaxLength() {
    return files.modelMaxLength();
  }

  /** Largest id that {@link #encode} can give. */
  public int largestId() {
    return files.largestId();
  }

  /** Frees the native tokenizer. */
  @Override
  public void close() {
    tokenizer.close();
  }

  private int[] frame(int[] plain) {
    int[] framed = Arrays.copyOf(prefix, prefix.length + plain.length + suffix.length);
    System.arraycopy(plain, 0, framed, prefix.length, plain.length);
    System.arraycopy(suffix, 0, framed, prefix.length + plain.length, suffix.length);
    return framed;
  }

  private static int[] toInts(long[] ids) {
    return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
  }
}
