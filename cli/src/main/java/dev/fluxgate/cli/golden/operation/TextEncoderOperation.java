package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.model.DecoderStack;
import dev.fluxgate.encoder.model.Mistral3TextEncoder;
import dev.fluxgate.encoder.model.TextEncoder;
import dev.fluxgate.encoder.pipeline.Flux2EncodePipeline;
import dev.fluxgate.encoder.prompt.ChatTemplate;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.token.PaddingSide;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Ids → hidden states and prompt embeds of the two text encoders. */
final class TextEncoderOperation {
  private static final String LOGITS = "last_logits";

  private TextEncoderOperation() {}

  /** Every hidden state, the embeds of the chosen layers, the logits where the case has them. */
  static void hiddenStates(CaseRun run) {
    withPipeline(
        run,
        (pipeline, encoder) -> {
          List<PromptTokens> batch = batch(run.input("input_ids"), run.input("attention_mask"));
          OutputLayers layers =
              new OutputLayers(Numbers.ints(run.golden().parameters().path("out_layers")));
          run.put("prompt_embeds", together(pipeline.encode(batch, layers, StageProbe.NONE)));
          allLayers(run, pipeline, batch);
          comparePrompts(run, pipeline, encoder, batch);
        });
  }

  /** Padding sees no key: a sequence of nothing but padding gives the row of all padding. */
  static void padRows(CaseRun run) {
    withPipeline(
        run,
        (pipeline, encoder) -> {
          int pad = pipeline.tokenizer().padToken();
          int depth = encoder.stack().params().layers();
          pipeline.encode(
              List.of(PromptTokens.of(new TokenIds(List.of(pad), 1, 0, false))),
              new OutputLayers(List.of(depth)),
              (stage, states) ->
                  run.put(
                      stage.replace("hidden_states", "pad_row"),
                      run.backend().download(states).reshape(states.columns())));
        });
  }

  private interface Work {
    void accept(Flux2EncodePipeline pipeline, TextEncoder encoder);
  }

  private static void withPipeline(CaseRun run, Work work) {
    Path folder = run.golden().modelFolder();
    try (TextEncoder encoder = TextEncoder.load(folder, run.backend(), run.golden().computeType());
        PromptTokenizer tokenizer = PromptTokenizer.open(tokenizerFolder(folder), side(encoder))) {
      ChatTemplate template = template(encoder);
      work.accept(
          new Flux2EncodePipeline(template, tokenizer, encoder.stack(), run.backend()), encoder);
    }
  }

  private static void allLayers(
      CaseRun run, Flux2EncodePipeline pipeline, List<PromptTokens> batch) {
    DecoderStack stack = pipeline.decoder();
    int depth = stack.params().layers();
    StageRecord record = new StageRecord(run);
    pipeline.encode(
        batch,
        new OutputLayers(List.of(depth)),
        (stage, states) -> {
          record.observe(stage, states);
          boolean last = stage.endsWith(Numbers.padded(depth));
          if (last && run.golden().tensor("out." + LOGITS) != null) {
            run.put(LOGITS, stack.lastLogits(states, batch.size()));
          }
        });
    record.compare();
  }

  /** Prompts, where the case gives them, must become the ids of the case. */
  private static void comparePrompts(
      CaseRun run, Flux2EncodePipeline pipeline, TextEncoder encoder, List<PromptTokens> batch) {
    JsonNode prompts = run.golden().parameters().path("prompts");
    int length = run.golden().parameters().path("max_length").intValue();
    for (int i = 0; i < prompts.size(); i++) {
      TokenIds tokens = pipeline.tokenize(new Prompt(prompts.get(i).asText()), length).sequence();
      TokenIds golden = batch.get(i).sequence();
      boolean same =
          tokens.ids().equals(golden.ids())
              && tokens.attentionMask().equals(golden.attentionMask());
      run.judge("ids of prompt " + i, "json", same ? "" : tokens.ids() + " of " + encoder);
    }
  }

  private static List<PromptTokens> batch(HostTensor ids, HostTensor mask) {
    int length = ids.shape().size(1);
    return IntStream.range(0, ids.shape().size(0))
        .mapToObj(b -> sequence(ids.slice(b, 1), mask.slice(b, 1), length))
        .map(PromptTokens::of)
        .toList();
  }

  private static TokenIds sequence(HostTensor ids, HostTensor mask, int length) {
    List<Integer> all = IntStream.range(0, length).mapToObj(i -> (int) ids.getLong(i)).toList();
    int[] live = IntStream.range(0, length).filter(i -> mask.getLong(i) == 1).toArray();
    return new TokenIds(all, live.length == 0 ? 0 : live[0], live.length, false);
  }

  private static HostTensor together(List<PromptEmbeds> embeds) {
    Shape one = embeds.getFirst().tensor().shape();
    return Numbers.stack(
        embeds.stream().map(PromptEmbeds::tensor).toList(),
        Shape.of(embeds.size(), one.dim(0), one.dim(1)));
  }

  /** A second checkpoint of the same model may come without the tokenizer of the first. */
  private static Path tokenizerFolder(Path folder) {
    Path own = folder.resolve("tokenizer.json");
    return Files.exists(own) ? folder : folder.resolveSibling("model");
  }

  private static ChatTemplate template(TextEncoder encoder) {
    return encoder instanceof Mistral3TextEncoder ? ChatTemplate.MISTRAL3 : ChatTemplate.QWEN3;
  }

  private static PaddingSide side(TextEncoder encoder) {
    return encoder instanceof Mistral3TextEncoder ? PaddingSide.LEFT : PaddingSide.RIGHT;
  }
}
