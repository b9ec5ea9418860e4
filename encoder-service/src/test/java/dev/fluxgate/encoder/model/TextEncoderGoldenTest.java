package dev.fluxgate.encoder.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.pipeline.Flux2EncodePipeline;
import dev.fluxgate.encoder.prompt.ChatTemplate;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.testing.EveryBackend;
import dev.fluxgate.encoder.token.PaddingSide;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import dev.fluxgate.engine.testing.GoldenCase;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of the golden families {@code mistral} and {@code qwen3}, on every back end. */
class TextEncoderGoldenTest {

  @TestFactory
  Stream<DynamicTest> everyCaseIsMet() {
    Stream<GoldenCase> cases =
        Stream.of("mistral", "qwen3").flatMap(family -> GoldenCase.all(family).stream());
    return EveryBackend.meets(cases, TextEncoderGoldenTest::run);
  }

  private static void run(GoldenCase golden, Backend backend, DType type) {
    try (TextEncoder encoder = TextEncoder.load(golden.model(), backend, type)) {
      switch (golden.operation()) {
        case "hidden_states" -> hiddenStates(golden, encoder, backend);
        case "pad_rows" -> padRows(golden, encoder, backend);
        default -> throw new AssertionError(golden + ": operation " + golden.operation());
      }
    }
  }

  private static void hiddenStates(GoldenCase golden, TextEncoder encoder, Backend backend) {
    DecoderStack stack = encoder.stack();
    List<TokenIds> batch = batch(golden);
    OutputLayers layers = new OutputLayers(ints(golden.parameters().path("out_layers")));
    Set<String> checked = new HashSet<>();
    StageProbe probe =
        (stage, states) -> {
          long[] shape = {batch.size(), batch.getFirst().length(), states.columns()};
          golden.assertMatches("mid." + stage, backend.download(states).reshape(shape));
          checked.add("mid." + stage);
        };
    try (PromptTokenizer tokenizer = tokenizer(golden)) {
      Flux2EncodePipeline pipeline =
          new Flux2EncodePipeline(ChatTemplate.MISTRAL3, tokenizer, stack, backend);
      golden.assertMatches(
          "out.prompt_embeds", together(pipeline.encode(prompts(batch), layers, StageProbe.NONE)));
      checked.add("out.prompt_embeds");
      OutputLayers deepest = new OutputLayers(List.of(stack.params().layers()));
      pipeline.encode(
          prompts(batch),
          deepest,
          (stage, states) -> {
            probe.observe(stage, states);
            if (stage.endsWith(deepest.last() + "") && golden.names().contains("out.last_logits")) {
              golden.assertMatches("out.last_logits", stack.lastLogits(states, batch.size()));
              checked.add("out.last_logits");
            }
          });
      comparePrompts(golden, encoder, tokenizer, batch);
    }
    assertThat(checked).containsAll(expected(golden));
  }

  /** Prompts, where the case gives them, must become the ids of the case. */
  private static void comparePrompts(
      GoldenCase golden, TextEncoder encoder, PromptTokenizer tokenizer, List<TokenIds> batch) {
    JsonNode prompts = golden.parameters().path("prompts");
    ChatTemplate template =
        encoder instanceof Mistral3TextEncoder ? ChatTemplate.MISTRAL3 : ChatTemplate.QWEN3;
    int length = golden.parameters().path("max_length").asInt();
    for (int i = 0;
        i < prompts.size() && Files.exists(golden.model().resolve("tokenizer.json"));
        i++) {
      String text = template.render(new Prompt(prompts.get(i).asText()));
      TokenIds tokens = tokenizer.encode(text, template.addsSpecialTokens(), length);
      assertThat(tokens.ids()).isEqualTo(batch.get(i).ids());
      assertThat(tokens.attentionMask()).isEqualTo(batch.get(i).attentionMask());
    }
  }

  /** Padding sees no key: a sequence of nothing but padding gives the row of all padding. */
  private static void padRows(GoldenCase golden, TextEncoder encoder, Backend backend) {
    int layers = encoder.stack().params().layers();
    List<TokenIds> batch = List.of(new TokenIds(List.of(11, 11, 11), 3, 0, false));
    List<String> seen = new ArrayList<>();
    try (PromptTokenizer tokenizer = tokenizer(golden)) {
      new Flux2EncodePipeline(ChatTemplate.MISTRAL3, tokenizer, encoder.stack(), backend)
          .encode(
              prompts(batch),
              new OutputLayers(List.of(layers)),
              (stage, states) -> {
                String name = stage.replace("hidden_states", "out.pad_row");
                for (int row = 0; row < 3; row++) {
                  golden.assertMatches(name, row(backend, states, row));
                }
                seen.add(name);
              });
    }
    assertThat(seen).containsExactlyElementsOf(expected(golden));
  }

  private static HostTensor row(Backend backend, Tensor states, int row) {
    return backend.download(states.rows(row, 1)).reshape(states.columns());
  }

  private static List<TokenIds> batch(GoldenCase golden) {
    HostTensor ids = golden.tensor("in.input_ids");
    HostTensor mask = golden.tensor("in.attention_mask");
    int length = ids.shape().size(1);
    return IntStream.range(0, ids.shape().size(0))
        .mapToObj(b -> sequence(ids.slice(b, 1), mask.slice(b, 1), length))
        .toList();
  }

  private static List<PromptTokens> prompts(List<TokenIds> batch) {
    return batch.stream().map(PromptTokens::of).toList();
  }

  private static TokenIds sequence(HostTensor ids, HostTensor mask, int length) {
    List<Integer> all = IntStream.range(0, length).mapToObj(i -> (int) ids.getLong(i)).toList();
    int[] live = IntStream.range(0, length).filter(i -> mask.getLong(i) == 1).toArray();
    return new TokenIds(all, live[0], live.length, false);
  }

  private static HostTensor together(List<PromptEmbeds> embeds) {
    Shape one = embeds.getFirst().tensor().shape();
    HostTensor all =
        HostTensor.zeros(
            embeds.getFirst().tensor().dtype(), Shape.of(embeds.size(), one.dim(0), one.dim(1)));
    for (int i = 0; i < embeds.size(); i++) {
      MemorySegment.copy(
          embeds.get(i).tensor().data(),
          0,
          all.slice(i, 1).data(),
          0,
          embeds.get(i).tensor().data().byteSize());
    }
    return all;
  }

  private static PromptTokenizer tokenizer(GoldenCase golden) {
    boolean own = Files.exists(golden.model().resolve("tokenizer.json"));
    return PromptTokenizer.open(
        own ? golden.model() : golden.model().resolveSibling("model"), PaddingSide.LEFT);
  }

  private static List<String> expected(GoldenCase golden) {
    return golden.names().stream().filter(name -> !name.startsWith("in.")).sorted().toList();
  }

  private static List<Integer> ints(JsonNode values) {
    return StreamSupport.stream(values.spliterator(), false).map(JsonNode::asInt).toList();
  }
}
