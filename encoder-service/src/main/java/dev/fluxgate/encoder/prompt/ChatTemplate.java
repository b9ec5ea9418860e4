package dev.fluxgate.encoder.prompt;

/**
 * The fixed frame that a family of models puts round a prompt (models spec §5.1.4, §5.2). The
 * frames are constants: a tokenizer folder's own {@code chat_template.jinja} is never executed, it
 * only enters the tokenizer hash.
 */
public enum ChatTemplate {
  /**
   * FLUX.2 dev: a system and a user message, no generation prompt. {@code [IMG]} is removed from
   * the prompt, for it would ask for a picture that is not there; other markers typed by a user are
   * left to the tokenizer, which reads them as special tokens, as the reference does.
   */
  MISTRAL3("mistral3/1", false) {
    @Override
    public String render(Prompt prompt) {
      return "<s>[SYSTEM_PROMPT]"
          + SYSTEM_MESSAGE
          + "[/SYSTEM_PROMPT][INST]"
          + prompt.text().replace("[IMG]", "")
          + "[/INST]";
    }
  },

  /** FLUX.2 klein: one user message, the generation prompt, thinking disabled. */
  QWEN3("qwen3/1", true) {
    @Override
    public String render(Prompt prompt) {
      return "<|im_start|>user\n"
          + prompt.text()
          + "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n";
    }
  };

  /** What FLUX.2 dev was conditioned on; 168 bytes (models spec, appendix D). */
  public static final String SYSTEM_MESSAGE =
      """
      You are an AI that reasons about image descriptions. You give structured responses focusing \
      on object relationships, object
      attribution and actions without speculation.\
      """;

  private final String version;
  private final boolean addsSpecialTokens;

  ChatTemplate(String version, boolean addsSpecialTokens) {
    this.version = version;
    this.addsSpecialTokens = addsSpecialTokens;
  }

  /** The framed prompt, ready for the tokenizer. */
  public abstract String render(Prompt prompt);

  /** Raised whenever the same prompt would be framed otherwise; part of every embedding's key. */
  public String version() {
    return version;
  }

  /** Whether the tokenizer adds its own specials to the frame; where not, the frame holds them. */
  public boolean addsSpecialTokens() {
    return addsSpecialTokens;
  }
}
