package dev.fluxgate.system;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.v1.GenerationParameters;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pipeline that a model's folder names is the one that runs. */
class ModelFolderPipelineTest {
  @TempDir private Path folder;

  @Test
  void aFolderOfTheKvPipelineRunsItUnasked() throws IOException, InterruptedException {
    PipelineCase golden = PipelineCase.of("flux2_klein_kv");
    Path model = ModelCopy.of(golden.model(), folder.resolve("kv"));
    ModelCopy.replace(
        model.resolve("model_index.json"), "Flux2KleinPipeline", "Flux2KleinKVPipeline");
    try (SplitSystem system = SplitSystem.start(model, DType.F32)) {
      GenerationParameters request = golden.request(system).toBuilder().clearPipeline().build();
      PictureDifference.between(system.pictures(system.run(request)), golden.pictures())
          .assertSmall();
    }
  }
}
