package dev.fluxgate.denoiser.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SigmaScheduleTest {
  private static final String FLUX2 =
      "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\", \"shift\": 3.0,"
          + " \"use_dynamic_shifting\": true, \"shift_terminal\": null}";

  @TempDir private Path folder;

  /** 1024 x 1024 in four steps (models spec §3.4). */
  @ParameterizedTest
  @CsvSource({"0, 1000", "1, 968", "2, 908", "3, 768"})
  void roundsTheTimeWhereTheReferenceDoes(int step, float seenByTheModel) throws IOException {
    SigmaSchedule schedule = flux2().schedule(4, EmpiricalMu.of(4096, 4));
    float value = schedule.timeValue(step, DType.BF16);
    assertThat(DType.BF16.round(value * 1000)).isEqualTo(seenByTheModel);
    assertThat(schedule.timeValue(step, DType.F32)).isEqualTo(schedule.timestep(step) / 1000);
  }

  @Test
  void endsAtZeroAndStepsDown() throws IOException {
    SigmaSchedule schedule = flux2().schedule(4, EmpiricalMu.of(4096, 4));
    assertThat(schedule.sigmas()).containsExactly(1, 0.96738404f, 0.90814394f, 0.76719993f, 0);
    assertThat(schedule.dt(3)).isEqualTo(-0.76719993f);
    assertThat(flux2().schedule(1, 2).sigmas()).containsExactly(1, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "1024, 4, 2.0306897079499455",
    "4096, 4, 2.291179894115571",
    "4096, 50, 2.0233511571292637",
    "4301, 7, 1.18469693",
    "16384, 50, 3.22998634",
  })
  void shiftsByTheEmpiricalMu(int tokens, int steps, double mu) {
    assertThat(Math.abs(EmpiricalMu.of(tokens, steps) - mu)).isLessThan(1e-14);
  }

  @Test
  void cutsByStrengthOnlyWhatItMust() throws IOException {
    SigmaSchedule schedule = flux2().schedule(10, 1);
    SigmaSchedule rest = schedule.truncate(0.35);
    assertThat(rest.steps()).isEqualTo(4);
    assertThat(rest.beginIndex()).isEqualTo(6);
    assertThat(rest.sigma(0)).isEqualTo(schedule.sigma(6));
    assertThat(schedule.truncate(1).sigmas()).isEqualTo(schedule.sigmas());
    assertThatThrownBy(() -> schedule.truncate(0))
        .hasMessage("strength: 0.0 (expected: enough for one of 10 steps)");
    assertThatThrownBy(() -> schedule.truncate(1.5)).hasMessage("strength: 1.5 (expected: 0..1)");
    assertThatThrownBy(() -> schedule.truncate(Double.NaN)).hasMessageContaining("strength: NaN");
  }

  @Test
  void refusesStepsAndSigmasThatMakeNoSchedule() throws IOException {
    FlowMatchEulerScheduler scheduler = flux2();
    assertThatThrownBy(() -> scheduler.schedule(0, 1))
        .hasMessage("num_inference_steps: 0 (expected: at least 1)");
    assertThatThrownBy(() -> scheduler.schedule(new float[0], 1)).hasMessageContaining("sigmas");
    assertThatThrownBy(() -> scheduler.schedule(new float[] {1, Float.NaN}, 1))
        .hasMessage("sigmas: NaN (expected: above 0, at most 1)");
  }

  @Test
  void refusesNoiseOfAnotherShape() throws IOException {
    SigmaSchedule schedule = flux2().schedule(2, 1);
    HostTensor sample = HostTensor.zeros(DType.F32, Shape.of(2, 3));
    HostTensor noise = HostTensor.zeros(DType.F32, Shape.of(3, 2));
    assertThatThrownBy(() -> schedule.scaleNoise(0, sample, noise))
        .hasMessage("noise: F32 [3, 2] (expected: F32 [2, 3])");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"_class_name\": \"DDIMScheduler\"}",
        "{\"stochastic_sampling\": true}",
        "{\"use_beta_sigmas\": true}",
        "{\"use_karras_sigmas\": true, \"use_exponential_sigmas\": true}",
        "{\"time_shift_type\": \"cubic\"}",
        "{\"shift\": 0}",
        "{\"shift\": \"3\"}",
        "{\"shift_terminal\": 1}",
        "{\"num_train_timesteps\": 0}",
        "{\"base_image_seq_len\": 4096}",
      })
  void refusesConfigurationsItCannotFollow(String text) {
    assertThatThrownBy(() -> scheduler(text))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith(folder.toString())
        .hasMessageContaining("(expected: ");
  }

  private FlowMatchEulerScheduler flux2() throws IOException {
    return scheduler(FLUX2);
  }

  private FlowMatchEulerScheduler scheduler(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("scheduler_config.json"), text);
    return new FlowMatchEulerScheduler(SchedulerConfig.from(ConfigJson.read(file)));
  }
}
