package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.encoder.model.clip.ClipActivations;
import dev.fluxgate.encoder.model.clip.ClipTextEncoder;
import dev.fluxgate.encoder.model.t5.T5Activations;
import dev.fluxgate.encoder.model.t5.T5TextEncoder;
import dev.fluxgate.encoder.token.PaddingSide;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Ids → hidden states of the two text encoders of FLUX.1. */
final class Flux1EncoderOperation {
  private static final String BIAS = "position_bias.first_and_last_row";

  private Flux1EncoderOperation() {}

  /** Every hidden state of T5, and two rows of each head's position bias. */
  static void t5(CaseRun run) {
    Backend backend = run.backend();
    Path folder = run.golden().modelFolder();
    List<TokenIds> batch = batch(run.input("input_ids"));
    int length = batch.getFirst().length();
    try (T5TextEncoder encoder = T5TextEncoder.load(folder, backend, run.golden().computeType());
        Workspace workspace =
            backend.workspace(
                WorkspacePlan.bytes(plan -> encoder.layOut(plan, batch.size(), length)))) {
      T5Activations activations = encoder.layOut(workspace, batch.size(), length);
      StageRecord record = new StageRecord(run);
      Tensor last = encoder.forward(batch, activations, record);
      put(run, "last_hidden_state", last);
      record.compare();
      if (run.golden().tensor("mid." + BIAS) != null) {
        run.putIntermediate(BIAS, outerRows(backend.download(activations.bias()), length));
      }
    }
  }

  /** Every hidden state of CLIP, the pooled output, the ids of the prompts. */
  static void clip(CaseRun run) {
    Backend backend = run.backend();
    Path folder = run.golden().modelFolder();
    List<TokenIds> batch = batch(run.input("input_ids"));
    int length = batch.getFirst().length();
    try (ClipTextEncoder encoder =
            ClipTextEncoder.load(folder, backend, run.golden().computeType());
        Workspace workspace =
            backend.workspace(
                WorkspacePlan.bytes(plan -> encoder.layOut(plan, batch.size(), length)))) {
      ClipActivations activations = encoder.layOut(workspace, batch.size(), length);
      StageRecord record = new StageRecord(run);
      Tensor pooled =
          encoder.forward(
              batch,
              activations,
              (stage, states) -> {
                record.observe(stage, states);
                if (run.golden().tensor("out." + stage) != null) {
                  put(run, stage, states);
                }
              });
      put(run, "pooler_output", pooled);
      record.compare();
    }
    comparePrompts(run, folder, batch);
  }

  private static void put(CaseRun run, String name, Tensor ours) {
    HostTensor values = run.backend().download(ours);
    Shape golden = run.golden().declared("out." + name).shape();
    run.put(name, new HostTensor(values.dtype(), golden, values.data()));
  }

  private static void comparePrompts(CaseRun run, Path folder, List<TokenIds> batch) {
    JsonNode prompts = run.golden().parameters().path("prompts");
    int length = run.golden().parameters().path("max_length").intValue();
    try (PromptTokenizer tokenizer = PromptTokenizer.open(folder, PaddingSide.RIGHT)) {
      for (int i = 0; i < prompts.size(); i++) {
        List<Integer> ids = tokenizer.encode(prompts.get(i).asText(), true, length).ids();
        boolean same = ids.equals(batch.get(i).ids());
        run.judge("ids of prompt " + i, "json", same ? "" : ids.toString());
      }
    }
  }

  /** The first and the last row of each head's (L, L). */
  private static HostTensor outerRows(HostTensor bias, int length) {
    int heads = bias.shape().size(0) / length;
    List<HostTensor> rows =
        IntStream.range(0, 2 * heads)
            .mapToObj(i -> bias.slice((long) i / 2 * length + (i % 2) * (length - 1L), 1))
            .toList();
    return Numbers.stack(rows, Shape.of(1, heads, 2, length));
  }

  private static List<TokenIds> batch(HostTensor ids) {
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
