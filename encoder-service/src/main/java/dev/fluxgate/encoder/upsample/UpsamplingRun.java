package dev.fluxgate.encoder.upsample;

import dev.fluxgate.encoder.generate.Generation;
import dev.fluxgate.encoder.generate.StepSink;
import dev.fluxgate.encoder.model.EmbeddingOverlay;
import dev.fluxgate.encoder.vision.PictureEncoder;
import dev.fluxgate.encoder.vision.SeenPictures;
import dev.fluxgate.engine.backend.StageProbe;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One prompt on its way to another, step by step; on the device's thread. */
public final class UpsamplingRun implements AutoCloseable {
  private final PromptUpsampling upsampling;
  private final PromptUpsampling.Conversation conversation;
  private final @Nullable SeenPictures pictures;
  private final Generation generation;

  private UpsamplingRun(
      PromptUpsampling upsampling,
      PromptUpsampling.Conversation conversation,
      @Nullable SeenPictures pictures,
      Generation generation) {
    this.upsampling = upsampling;
    this.conversation = conversation;
    this.pictures = pictures;
    this.generation = generation;
  }

  /** Looks at the pictures and takes the memory of the answer. */
  static UpsamplingRun start(
      PromptUpsampling upsampling, PromptUpsampling.Conversation conversation) {
    SeenPictures pictures = look(upsampling.sight(), conversation);
    boolean complete = false;
    try {
      Generation generation =
          Generation.open(
              upsampling.decoder(),
              List.of(
                  upsampling.prompt(
                      conversation, pictures == null ? EmbeddingOverlay.NONE : pictures)),
              conversation.settings(),
              upsampling.generator(conversation),
              StepSink.NONE);
      complete = true;
      return new UpsamplingRun(upsampling, conversation, pictures, generation);
    } finally {
      if (!complete && pictures != null) {
        pictures.close();
      }
    }
  }

  private static @Nullable SeenPictures look(
      @Nullable PictureEncoder sight, PromptUpsampling.Conversation conversation) {
    return sight == null || conversation.pictures().isEmpty()
        ? null
        : SeenPictures.encode(sight, conversation.pictures(), conversation.ids(), StageProbe.NONE);
  }

  /**
   * Reads a piece of the conversation or writes a token.
   *
   * @return whether there is another step
   */
  public boolean step() {
    return generation.step();
  }

  /** What was written so far. */
  public Upsampled result() {
    List<Integer> answer = generation.answers().getFirst();
    return new Upsampled(
        upsampling.text(answer), conversation.ids().size(), answer.size(), !generation.hasEnded(0));
  }

  /** Frees the memory. Closing twice is harmless. */
  @Override
  public void close() {
    generation.close();
    if (pictures != null) {
      pictures.close();
    }
  }
}
