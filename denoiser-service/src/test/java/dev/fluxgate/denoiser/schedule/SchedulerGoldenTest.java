package dev.fluxgate.denoiser.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import dev.fluxgate.engine.testing.GoldenCase;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every golden of the family {@code scheduler}. */
class SchedulerGoldenTest {
  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> schedulesAsTheReference() {
    return GoldenCase.all("scheduler").stream()
        .map(golden -> dynamicTest(golden.name(), () -> check(golden)));
  }

  private void check(GoldenCase golden) throws IOException {
    FlowMatchEulerScheduler scheduler = new FlowMatchEulerScheduler(config(golden));
    switch (golden.operation()) {
      case "set_timesteps" -> sigmasAndTimesteps(golden, scheduler);
      case "get_timesteps" -> truncation(golden, scheduler);
      case "step" -> eulerSteps(golden, scheduler);
      case "scale_noise" -> scaledNoise(golden, scheduler);
      default -> throw new AssertionError(golden + ": operation " + golden.operation());
    }
  }

  private SchedulerConfig config(GoldenCase golden) throws IOException {
    String text = golden.parameters().path("config").toString();
    return SchedulerConfig.from(
        ConfigJson.read(Files.writeString(folder.resolve("scheduler_config.json"), text)));
  }

  private static void sigmasAndTimesteps(GoldenCase golden, FlowMatchEulerScheduler scheduler) {
    JsonNode runs = golden.parameters().path("runs");
    assertThat(golden.names()).hasSize(3 * runs.size());
    for (int i = 0; i < runs.size(); i++) {
      JsonNode run = runs.get(i);
      int tokens = run.path("seq_len").intValue();
      int steps = run.path("steps").intValue();
      double expectedMu = run.path("mu").doubleValue();
      double mu = closest(expectedMu, tokens, steps, scheduler.config());
      SigmaSchedule schedule =
          run.has("custom_sigmas")
              ? scheduler.schedule(floats(run.path("custom_sigmas")), mu)
              : scheduler.schedule(steps, mu);
      String name = "out.%02d.".formatted(i);
      double muTolerance = golden.tolerance(name + "mu").maxAbs();
      assertThat(Math.abs(mu - golden.tensor(name + "mu").getDouble(0)))
          .isLessThanOrEqualTo(muTolerance);
      golden.assertMatches(name + "sigmas", tensor(schedule.sigmas()));
      golden.assertMatches(name + "timesteps", tensor(schedule.timesteps()));
    }
  }

  /**
   * A case does not say which formula its mu comes from; schnell's is a constant that is ignored.
   */
  private static double closest(double expected, int tokens, int steps, SchedulerConfig config) {
    List<Double> candidates =
        config.useDynamicShifting()
            ? List.of(EmpiricalMu.of(tokens, steps), LinearMu.of(config, tokens))
            : List.of(expected);
    return candidates.stream()
        .min((a, b) -> Double.compare(Math.abs(a - expected), Math.abs(b - expected)))
        .orElseThrow();
  }

  private static void truncation(GoldenCase golden, FlowMatchEulerScheduler scheduler) {
    JsonNode runs = golden.parameters().path("runs");
    assertThat(runs).isNotEmpty();
    for (int i = 0; i < runs.size(); i++) {
      JsonNode run = runs.get(i);
      double strength = run.path("strength").doubleValue();
      SigmaSchedule full =
          scheduler.schedule(run.path("steps").intValue(), run.path("mu").doubleValue());
      int left = run.path("steps_left").intValue();
      if (left == 0) {
        assertThatThrownBy(() -> full.truncate(strength)).hasMessageContaining("strength: ");
      } else {
        SigmaSchedule rest = full.truncate(strength);
        assertThat(rest.steps()).isEqualTo(left);
        assertThat(rest.beginIndex()).isEqualTo(run.path("begin_index").intValue());
        golden.assertMatches("out.%02d.timesteps".formatted(i), tensor(rest.timesteps()));
      }
    }
  }

  private static void eulerSteps(GoldenCase golden, FlowMatchEulerScheduler scheduler) {
    SigmaSchedule schedule = flux2(golden, scheduler);
    golden.assertMatches("mid.sigmas", tensor(schedule.sigmas()));
    HostTensor start = golden.tensor("in.sample");
    try (Backend backend = new ReferenceBackend();
        Workspace workspace = backend.workspace(1 << 20)) {
      Tensor sample = upload(backend, workspace, start);
      for (int i = 0; i < schedule.steps(); i++) {
        Tensor velocity = upload(backend, workspace, golden.tensor("in.velocity." + i));
        Tensor next = workspace.tensor(velocity.dtype(), velocity.shape());
        backend.eulerStep(sample, velocity, schedule.dt(i), next);
        HostTensor actual = new HostTensor(next.dtype(), start.shape(), data(backend, next));
        assertThat(actual.dtype()).isEqualTo(golden.tensor("out.sample." + (i + 1)).dtype());
        golden.assertMatches("out.sample." + (i + 1), actual);
        sample = next;
      }
    }
  }

  private static void scaledNoise(GoldenCase golden, FlowMatchEulerScheduler scheduler) {
    SigmaSchedule schedule = flux2(golden, scheduler);
    for (int i = 0; i < schedule.steps(); i++) {
      golden.assertMatches(
          "out.noisy." + i,
          schedule.scaleNoise(i, golden.tensor("in.sample"), golden.tensor("in.noise")));
    }
  }

  private static SigmaSchedule flux2(GoldenCase golden, FlowMatchEulerScheduler scheduler) {
    int steps = golden.parameters().path("steps").intValue();
    int tokens = golden.parameters().path("seq_len").intValue();
    return scheduler.schedule(steps, EmpiricalMu.of(tokens, steps));
  }

  private static Tensor upload(Backend backend, Workspace workspace, HostTensor source) {
    Shape rows = Shape.of(source.shape().rows(), source.shape().columns());
    Tensor tensor = workspace.tensor(source.dtype(), rows);
    backend.upload(source, tensor);
    return tensor;
  }

  private static MemorySegment data(Backend backend, Tensor tensor) {
    return backend.download(tensor).data();
  }

  private static HostTensor tensor(float[] values) {
    return HostTensor.of(DType.F32, Shape.of(values.length), values);
  }

  private static float[] floats(JsonNode values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.get(i).doubleValue();
    }
    return floats;
  }
}
