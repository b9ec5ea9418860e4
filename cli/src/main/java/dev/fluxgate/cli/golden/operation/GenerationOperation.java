package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.encoder.generate.Generation;
import dev.fluxgate.encoder.generate.GenerationDefaults;
import dev.fluxgate.encoder.generate.GenerationPrompt;
import dev.fluxgate.encoder.generate.GenerationSettings;
import dev.fluxgate.encoder.generate.Sampling;
import dev.fluxgate.encoder.model.EmbeddingOverlay;
import dev.fluxgate.encoder.model.TextEncoder;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.token.PaddingSide;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.upsample.PromptUpsampling;
import dev.fluxgate.encoder.upsample.UpsamplingRun;
import dev.fluxgate.encoder.upsample.UpsamplingSpec;
import dev.fluxgate.encoder.upsample.UpsamplingTemplate;
import dev.fluxgate.encoder.vision.PictureEncoder;
import dev.fluxgate.encoder.vision.PicturePatches;
import dev.fluxgate.encoder.vision.SeenPictures;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Answers of the language model: greedy or drawn, with pictures or without. */
final class GenerationOperation {
  private static final float REMOVED = -1e30f;

  private GenerationOperation() {}

  /** Tokens, text, logits and scores of a batch. */
  static void generate(CaseRun run) {
    Path folder = run.golden().modelFolder();
    try (TextEncoder encoder = TextEncoder.load(folder, run.backend(), run.golden().computeType());
        PromptTokenizer tokenizer = PromptTokenizer.open(folder, PaddingSide.LEFT)) {
      List<List<Integer>> rows = rows(run.input("input_ids"), run.input("attention_mask"));
      List<RgbImage> pictures = pictures(run);
      if (pictures.isEmpty()) {
        answer(run, encoder, tokenizer, rows, EmbeddingOverlay.NONE);
        return;
      }
      PictureEncoder sight = sight(folder, encoder);
      PicturePatches patches = sight.cut(PromptUpsampling.board(pictures));
      try (SeenPictures seen =
          SeenPictures.encode(sight, List.of(patches), rows.getFirst(), StageProbe.NONE)) {
        answer(run, encoder, tokenizer, rows, seen);
      }
    }
  }

  /** The pipeline's own way, from the prompt to the rewritten one. */
  static void upsample(CaseRun run) {
    Path folder = run.golden().modelFolder();
    JsonNode parameters = run.golden().parameters();
    try (TextEncoder encoder = TextEncoder.load(folder, run.backend(), run.golden().computeType());
        PromptTokenizer tokenizer = PromptTokenizer.open(folder, PaddingSide.LEFT)) {
      PromptUpsampling upsampling =
          new PromptUpsampling(
              UpsamplingTemplate.MISTRAL3,
              tokenizer,
              encoder.stack(),
              sight(folder, encoder),
              GenerationDefaults.read(folder));
      UpsamplingSpec spec =
          new UpsamplingSpec(
              new Prompt(parameters.path("prompt").asText()),
              pictures(run),
              parameters.path("temperature").floatValue(),
              parameters.path("generator_seed").longValue(),
              UpsamplingSpec.MAX_NEW_TOKENS);
      try (UpsamplingRun work = upsampling.start(upsampling.prepare(spec))) {
        boolean more = true;
        while (more) {
          more = work.step();
        }
        compareTexts(run, List.of(work.result().prompt()));
      }
    }
  }

  private static void answer(
      CaseRun run,
      TextEncoder encoder,
      PromptTokenizer tokenizer,
      List<List<Integer>> rows,
      EmbeddingOverlay overlay) {
    JsonNode parameters = run.golden().parameters();
    List<List<HostTensor>> logits = new ArrayList<>();
    List<List<float[]>> scores = new ArrayList<>();
    try (Generation generation =
        Generation.open(
            encoder.stack(),
            rows.stream().map(ids -> new GenerationPrompt(ids, overlay)).toList(),
            settings(run, tokenizer),
            new TorchGenerator(parameters.path("generator_seed").longValue()),
            (stepLogits, stepScores) -> {
              logits.add(stepLogits);
              scores.add(stepScores);
            })) {
      boolean more = true;
      while (more) {
        more = generation.step();
      }
      List<List<Integer>> answers = generation.answers();
      put(run, answers, logits, scores);
      compareTexts(
          run,
          answers.stream()
              .map(ids -> tokenizer.decode(ids.stream().mapToInt(id -> id).toArray(), true))
              .toList());
    }
  }

  private static void put(
      CaseRun run,
      List<List<Integer>> answers,
      List<List<HostTensor>> logits,
      List<List<float[]>> scores) {
    int steps = logits.size();
    int vocabulary = scores.getFirst().getFirst().length;
    int[] ids = answers.stream().flatMap(List::stream).mapToInt(id -> id).toArray();
    run.put("tokens", Numbers.longs(Shape.of(answers.size(), steps), ids));
    Shape shape = Shape.of(answers.size(), steps, vocabulary);
    HostTensor allLogits = HostTensor.zeros(DType.F32, shape);
    HostTensor allScores = HostTensor.zeros(DType.F32, shape);
    for (int row = 0; row < answers.size(); row++) {
      for (int step = 0; step < steps; step++) {
        long at = ((long) row * steps + step) * vocabulary;
        for (int i = 0; i < vocabulary; i++) {
          allLogits.set(at + i, logits.get(step).get(row).get(i));
          allScores.set(at + i, Math.max(scores.get(step).get(row)[i], REMOVED));
        }
      }
    }
    run.putIntermediate("logits", allLogits);
    run.putIntermediate("scores", allScores);
  }

  private static GenerationSettings settings(CaseRun run, PromptTokenizer tokenizer) {
    JsonNode parameters = run.golden().parameters();
    GenerationDefaults defaults = GenerationDefaults.read(run.golden().modelFolder());
    Set<Integer> ends = new HashSet<>(Numbers.ints(parameters.path("eos_token_id")));
    Sampling usual = defaults.sampling();
    Sampling sampling =
        parameters.path("do_sample").booleanValue()
            ? new Sampling(
                (float) parameters.path("temperature").asDouble(usual.temperature()),
                parameters.path("top_k").asInt(usual.topK()),
                (float) parameters.path("top_p").asDouble(usual.topP()))
            : Sampling.GREEDY;
    return new GenerationSettings(
        sampling,
        defaults.minNewTokens(),
        parameters.path("max_new_tokens").intValue(),
        ends.isEmpty() ? defaults.endTokens() : ends,
        tokenizer.padToken());
  }

  /** The real tokens of each row. */
  private static List<List<Integer>> rows(HostTensor ids, HostTensor mask) {
    int length = ids.shape().size(1);
    return IntStream.range(0, ids.shape().size(0))
        .mapToObj(row ->
            IntStream.range(row * length, (row + 1) * length)
                .filter(i -> mask.getLong(i) == 1)
                .mapToObj(i -> (int) ids.getLong(i))
                .toList())
        .toList();
  }

  private static PictureEncoder sight(Path folder, TextEncoder encoder) {
    PictureEncoder sight = PictureEncoder.of(folder, encoder.stack());
    if (sight == null) {
      throw new IllegalStateException(folder + ": no vision tower");
    }
    return sight;
  }

  /** image0.png, image1.png … as many as there are. */
  static List<RgbImage> pictures(CaseRun run) {
    List<RgbImage> pictures = new ArrayList<>();
    Path file = run.golden().folder().resolve("image0.png");
    while (Files.exists(file)) {
      try {
        pictures.add(PngFile.read(file).image());
      } catch (IOException e) {
        throw new UncheckedIOException(file.toString(), e);
      }
      file = run.golden().folder().resolve("image" + pictures.size() + ".png");
    }
    return pictures;
  }

  private static void compareTexts(CaseRun run, List<String> ours) {
    try {
      List<String> expected = new ArrayList<>();
      run.golden().document("text.json").forEach(text -> expected.add(text.asText()));
      run.judge(
          "text", "json", ours.equals(expected) ? "" : ours + " (expected: " + expected + ")");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
