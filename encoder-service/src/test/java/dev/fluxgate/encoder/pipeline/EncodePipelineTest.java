package dev.fluxgate.encoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.testing.ServedEncoder;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.testing.GoldenCase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncodePipelineTest {

  @Test
  void companyInABatchDoesNotChangeAnEmbedding() {
    for (String name : List.of("model_flux2_dev", "model_flux2_klein")) {
      try (Backend backend = new ReferenceBackend();
          EncoderModel model = load(ServedEncoder.folder(name), backend)) {
        EncodePipeline pipeline = model.pipeline();
        List<PromptTokens> batch =
            List.of("", "a dog", "two cats, one hat").stream()
                .map(text -> pipeline.tokenize(new Prompt(text), 90))
                .toList();
        OutputLayers layers = model.defaultOutputLayers();
        List<PromptEmbeds> together = pipeline.encode(batch, layers);
        for (int i = 0; i < batch.size(); i++) {
          PromptEmbeds alone = pipeline.encode(List.of(batch.get(i)), layers).getFirst();
          assertThat(together.get(i).tensor().data().mismatch(alone.tensor().data()))
              .as("%s, prompt %s", name, i)
              .isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void runsNoLayerThatIsNotNeeded() {
    try (Backend backend = new ReferenceBackend();
        EncoderModel model = load(ServedEncoder.folder("model_flux2_dev"), backend)) {
      PromptTokens tokens = model.pipeline().tokenize(new Prompt("a dog"), 80);
      List<String> stages = new ArrayList<>();
      model
          .pipeline()
          .encode(
              List.of(tokens), new OutputLayers(List.of(0, 2)), (stage, _) -> stages.add(stage));
      assertThat(stages)
          .containsExactly("hidden_states.00", "hidden_states.01", "hidden_states.02");
    }
  }

  @Test
  void theToyTakesItsLengthFromItsTokenizerAndItsLayersFromItsDepth() {
    try (Backend backend = new ReferenceBackend();
        EncoderModel model = load(GoldenCase.root().resolve("toy/model"), backend)) {
      assertThat(model.defaultMaxSequenceLength()).isEqualTo(32);
      assertThat(model.defaultOutputLayers().indices()).containsExactly(1, 2, 3);
      PromptTokens tokens =
          model.pipeline().tokenize(new Prompt("a large red circle on a white background"), 32);
      assertThat(tokens.sequence().truncated()).isFalse();
      assertThat(tokens.sequence().firstToken()).isPositive();
      PromptEmbeds embeds =
          model.pipeline().encode(List.of(tokens), model.defaultOutputLayers()).getFirst();
      assertThat(embeds.tensor().shape().dims()).containsExactly(32L, 384L);
    }
  }

  private static EncoderModel load(Path folder, Backend backend) {
    return EncoderModel.load(ModelFolder.open(folder), backend, DType.F32, new ModelHash(null));
  }
}
