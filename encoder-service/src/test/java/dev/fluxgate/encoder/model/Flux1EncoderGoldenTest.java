package dev.fluxgate.encoder.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.encoder.model.clip.ClipActivations;
import dev.fluxgate.encoder.model.clip.ClipTextEncoder;
import dev.fluxgate.encoder.model.t5.T5Activations;
import dev.fluxgate.encoder.model.t5.T5TextEncoder;
import dev.fluxgate.encoder.testing.EveryBackend;
import dev.fluxgate.encoder.token.PaddingSide;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of the golden families {@code t5} and {@code clip}, on every back end. */
class Flux1EncoderGoldenTest {
  private static final String BIAS = "mid.position_bias.first_and_last_row";

  @TestFactory
  Stream<DynamicTest> everyCaseIsMet() {
    Stream<GoldenCase> cases =
        Stream.of("t5", "clip").flatMap(family -> GoldenCase.all(family).stream());
    return EveryBackend.meets(cases, Flux1EncoderGoldenTest::run);
  }

  private static void run(GoldenCase golden, Backend backend, DType type) {
    Set<String> checked = new HashSet<>();
    if (golden.names().contains("out.pooler_output")) {
      clip(golden, backend, type, checked);
    } else {
      t5(golden, backend, type, checked);
    }
    assertThat(checked)
        .containsExactlyInAnyOrderElementsOf(
            golden.names().stream().filter(name -> !name.startsWith("in.")).toList());
  }

  private static void t5(GoldenCase golden, Backend backend, DType type, Set<String> checked) {
    List<TokenIds> batch = batch(golden);
    int size = batch.size();
    int length = batch.getFirst().length();
    try (T5TextEncoder encoder = T5TextEncoder.load(golden.model(), backend, type);
        Workspace workspace =
            backend.workspace(WorkspacePlan.bytes(plan -> encoder.layOut(plan, size, length)))) {
      T5Activations activations = encoder.layOut(workspace, size, length);
      StageProbe probe = probe(golden, backend, checked);
      Tensor last = encoder.forward(batch, activations, probe);
      check(golden, "out.last_hidden_state", backend.download(last), checked);
      if (golden.names().contains(BIAS)) {
        checkBias(golden.tensor(BIAS), backend.download(activations.bias()), length);
        checked.add(BIAS);
      }
    }
  }

  /** The first and the last row of each head must be those of the case, bit for bit. */
  private static void checkBias(HostTensor expected, HostTensor bias, int length) {
    for (int row = 0; row < expected.shape().count() / length; row++) {
      long ours = (long) row / 2 * length + (row % 2) * (length - 1L);
      for (int key = 0; key < length; key++) {
        assertThat(bias.get(ours * length + key))
            .as("bias %s of row %s", key, row)
            .isEqualTo(expected.get((long) row * length + key));
      }
    }
  }

  private static void clip(GoldenCase golden, Backend backend, DType type, Set<String> checked) {
    List<TokenIds> batch = batch(golden);
    int size = batch.size();
    int length = batch.getFirst().length();
    try (ClipTextEncoder encoder = ClipTextEncoder.load(golden.model(), backend, type);
        PromptTokenizer tokenizer = PromptTokenizer.open(golden.model(), PaddingSide.RIGHT);
        Workspace workspace =
            backend.workspace(WorkspacePlan.bytes(plan -> encoder.layOut(plan, size, length)))) {
      ClipActivations activations = encoder.layOut(workspace, size, length);
      Tensor pooled = encoder.forward(batch, activations, probe(golden, backend, checked));
      check(golden, "out.pooler_output", backend.download(pooled), checked);
      JsonNode prompts = golden.parameters().path("prompts");
      assertThat(prompts).hasSize(size);
      for (int i = 0; i < size; i++) {
        assertThat(tokenizer.encode(prompts.get(i).asText(), true, length).ids())
            .isEqualTo(batch.get(i).ids());
      }
    }
  }

  private static StageProbe probe(GoldenCase golden, Backend backend, Set<String> checked) {
    return (stage, states) ->
        Stream.of("mid." + stage, "out." + stage)
            .filter(golden.names()::contains)
            .forEach(name -> check(golden, name, backend.download(states), checked));
  }

  private static void check(GoldenCase golden, String name, HostTensor ours, Set<String> checked) {
    golden.assertMatches(
        name, new HostTensor(ours.dtype(), golden.tensor(name).shape(), ours.data()));
    checked.add(name);
  }

  private static List<TokenIds> batch(GoldenCase golden) {
    HostTensor ids = golden.tensor("in.input_ids");
    int length = ids.shape().size(1);
    return IntStream.range(0, ids.shape().size(0))
        .mapToObj(b ->
            IntStream.range(0, length)
                .mapToObj(i -> (int) ids.getLong((long) b * length + i))
                .toList())
        .map(all -> new TokenIds(all, 0, length, false))
        .toList();
  }
}
