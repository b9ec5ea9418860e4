package dev.fluxgate.encoder.upsample;

import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.proto.prompt.UpsamplingMessages;

/**
 * The conversation that asks a family's language model for another prompt (models spec §5.1.7). The
 * reference asks the Mistral alone; Qwen3 is told the same in its own frame, with thinking disabled
 * as in its embedding pass, and sees no pictures.
 */
public enum UpsamplingTemplate {
  /**
   * A system message, a user message of pictures if there are any, a user message of text; nothing
   * announces the answer. {@code [IMG]} is removed from the prompt, for it would ask for a picture
   * that is not there.
   */
  MISTRAL3 {
    @Override
    String render(Prompt prompt, String pictures) {
      return "<s>[SYSTEM_PROMPT]"
          + UpsamplingMessages.of(!pictures.isEmpty())
          + "[/SYSTEM_PROMPT]"
          + (pictures.isEmpty() ? "" : "[INST]" + pictures + "[/INST]")
          + "[INST]"
          + prompt.text().replace("[IMG]", "")
          + "[/INST]";
    }
  },

  /** A system and a user message, the answer announced. */
  QWEN3 {
    @Override
    String render(Prompt prompt, String pictures) {
      return "<|im_start|>system\n"
          + UpsamplingMessages.of(false)
          + "<|im_end|>\n<|im_start|>user\n"
          + prompt.text()
          + "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n";
    }
  };

  /**
   * The whole conversation, specials included.
   *
   * @param pictures their image tokens; empty for none
   */
  abstract String render(Prompt prompt, String pictures);
}
