package dev.fluxgate.encoder.upsample;

import dev.fluxgate.encoder.generate.GenerationDefaults;
import dev.fluxgate.encoder.generate.GenerationPrompt;
import dev.fluxgate.encoder.generate.GenerationSettings;
import dev.fluxgate.encoder.model.DecoderStack;
import dev.fluxgate.encoder.model.EmbeddingOverlay;
import dev.fluxgate.encoder.model.Mistral3TextEncoder;
import dev.fluxgate.encoder.model.Qwen3TextEncoder;
import dev.fluxgate.encoder.model.TextEncoder;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.vision.PictureEncoder;
import dev.fluxgate.encoder.vision.PicturePatches;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.image.RgbImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prompt and pictures → a conversation → a rewritten prompt (models spec §5.1.7). Tokens and
 * patches may be made on any thread, the rest on the one that owns the device.
 *
 * @param template of the family
 * @param tokenizer of the model folder
 * @param decoder the language model
 * @param sight null where it has none
 * @param defaults of the checkpoint
 */
public record PromptUpsampling(
    UpsamplingTemplate template,
    PromptTokenizer tokenizer,
    DecoderStack decoder,
    @Nullable PictureEncoder sight,
    GenerationDefaults defaults) {
  /** Tokens of a conversation at most, without the answer; a longer one loses its end. */
  public static final int MAX_PROMPT_TOKENS = 2048;

  /** Pixels of the pictures together at most; larger ones are shrunk. */
  public static final int MAX_PIXELS = 768 * 768;

  private static final Logger LOG = LoggerFactory.getLogger(PromptUpsampling.class);

  /**
   * What a component folder offers.
   *
   * @param folder of the encoder
   * @return null if its checkpoint has no head, or wants tokens chosen in a way that is not built
   */
  public static @Nullable PromptUpsampling find(
      Path folder, PromptTokenizer tokenizer, TextEncoder encoder) {
    if (!encoder.stack().hasHead()) {
      return null;
    }
    try {
      return new PromptUpsampling(
          switch (encoder) {
            case Mistral3TextEncoder _ -> UpsamplingTemplate.MISTRAL3;
            case Qwen3TextEncoder _ -> UpsamplingTemplate.QWEN3;
          },
          tokenizer,
          encoder.stack(),
          PictureEncoder.of(folder, encoder.stack()),
          GenerationDefaults.read(folder));
    } catch (InvalidModelException e) {
      // Embeddings, which the encoder is for, need none of this.
      LOG.warn("prompts are not upsampled here: {}", e.getMessage());
      return null;
    }
  }

  /**
   * A conversation ready for the model.
   *
   * @param ids without padding
   * @param pictures all on one board; none or one
   * @param settings of the answer
   * @param seed of the tokens drawn
   */
  public record Conversation(
      List<Integer> ids, List<PicturePatches> pictures, GenerationSettings settings, long seed) {
    /** Copies the lists. */
    public Conversation {
      ids = List.copyOf(ids);
      pictures = List.copyOf(pictures);
    }

    /** Without the ids: they are the prompt, which no log may hold. */
    @Override
    public String toString() {
      return ids.size() + " ids, " + pictures.size() + " pictures";
    }
  }

  /**
   * Makes the conversation; on any thread.
   *
   * @throws CannotUpsampleException for pictures where the model cannot see
   * @throws IllegalArgumentException for pictures that leave no room for the prompt
   */
  public Conversation prepare(UpsamplingSpec spec) {
    List<PicturePatches> pictures =
        spec.pictures().isEmpty() ? List.of() : List.of(cut(spec.pictures()));
    StringBuilder places = new StringBuilder();
    pictures.forEach(picture -> places.append(picture.placeholder()));
    int[] ids = tokenizer.ids(template.render(spec.prompt(), places.toString()), false);
    int[] kept = ids.length > MAX_PROMPT_TOKENS ? Arrays.copyOf(ids, MAX_PROMPT_TOKENS) : ids;
    if (!pictures.isEmpty() && kept.length < ids.length) {
      // The reference refuses as well: a cut could take image tokens away.
      throw new IllegalArgumentException(
          "prompt: "
              + ids.length
              + " tokens with its pictures (expected: at most "
              + MAX_PROMPT_TOKENS
              + ")");
    }
    GenerationSettings settings =
        new GenerationSettings(
            defaults.sampling().withTemperature(spec.temperature()),
            Math.min(defaults.minNewTokens(), spec.maxNewTokens()),
            spec.maxNewTokens(),
            defaults.endTokens(),
            tokenizer.padToken());
    return new Conversation(Arrays.stream(kept).boxed().toList(), pictures, settings, spec.seed());
  }

  /** The pictures side by side, as one of no more than {@link #MAX_PIXELS}. */
  public static RgbImage board(List<RgbImage> pictures) {
    return PictureBoard.of(pictures);
  }

  /** Begins to answer; on the device's thread, as every step. */
  public UpsamplingRun start(Conversation conversation) {
    return UpsamplingRun.start(this, conversation);
  }

  /** The text of an answer. */
  String text(List<Integer> answer) {
    // The reference asks for spaces to be tidied; its library declines for byte-level BPE, where
    // they are part of the text.
    return tokenizer.decode(answer.stream().mapToInt(Integer::intValue).toArray(), true);
  }

  GenerationPrompt prompt(Conversation conversation, EmbeddingOverlay overlay) {
    return new GenerationPrompt(conversation.ids(), overlay);
  }

  TorchGenerator generator(Conversation conversation) {
    return new TorchGenerator(conversation.seed());
  }

  private PicturePatches cut(List<RgbImage> pictures) {
    PictureEncoder eyes = sight;
    if (eyes == null) {
      throw new CannotUpsampleException(
          "pictures: "
              + pictures.size()
              + " (expected: none, since this encoder's language model sees no pictures)");
    }
    return eyes.cut(board(pictures));
  }
}
