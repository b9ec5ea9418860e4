package dev.fluxgate.cli.golden.operation.noise;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.cli.golden.GoldenTensor;
import dev.fluxgate.cli.golden.operation.Numbers;
import dev.fluxgate.denoiser.schedule.EmpiricalMu;
import dev.fluxgate.denoiser.schedule.FlowMatchEulerScheduler;
import dev.fluxgate.denoiser.schedule.LinearMu;
import dev.fluxgate.denoiser.schedule.SchedulerConfig;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Noise levels and the steps between them. */
public final class SchedulerOperation {
  private SchedulerOperation() {}

  /** mu, sigmas and timesteps of every run. */
  public static void schedules(CaseRun run) throws IOException {
    FlowMatchEulerScheduler scheduler = scheduler(run);
    int index = 0;
    for (JsonNode each : run.golden().parameters().path("runs")) {
      double mu = mu(each, scheduler.config());
      SigmaSchedule schedule =
          each.has("custom_sigmas")
              ? scheduler.schedule(Numbers.floats(each.path("custom_sigmas")), mu)
              : scheduler.schedule(each.path("steps").intValue(), mu);
      String name = Numbers.padded(index);
      run.put(name + ".mu", Numbers.doubles(mu));
      run.put(name + ".sigmas", Numbers.tensor(schedule.sigmas()));
      run.put(name + ".timesteps", Numbers.tensor(schedule.timesteps()));
      index++;
    }
  }

  /** What a strength leaves of the timesteps. */
  public static void truncations(CaseRun run) throws IOException {
    FlowMatchEulerScheduler scheduler = scheduler(run);
    int index = 0;
    for (JsonNode each : run.golden().parameters().path("runs")) {
      SigmaSchedule full =
          scheduler.schedule(each.path("steps").intValue(), each.path("mu").doubleValue());
      String name = Numbers.padded(index) + ".timesteps";
      GoldenTensor declared = run.golden().declared("out." + name);
      if (declared.shape().count() == 0) {
        run.put(name, HostTensor.zeros(DType.F32, declared.shape()));
        run.judge(name, "error", refusal(full, each.path("strength").doubleValue()));
      } else {
        SigmaSchedule rest = full.truncate(each.path("strength").doubleValue());
        run.put(name, Numbers.tensor(rest.timesteps()));
        boolean same = rest.beginIndex() == each.path("begin_index").intValue();
        run.judge(
            Numbers.padded(index) + ".begin_index", "json", same ? "" : "is " + rest.beginIndex());
      }
      index++;
    }
  }

  /** Euler steps from in.sample along in.velocity.N. */
  public static void steps(CaseRun run) throws IOException {
    SigmaSchedule schedule = empirical(run);
    run.putIntermediate("sigmas", Numbers.tensor(schedule.sigmas()));
    HostTensor start = run.input("sample");
    Backend backend = run.backend();
    DType velocityType = run.input("velocity.0").dtype();
    long bytes = WorkspacePlan.bytes(plan -> layOut(plan, start, velocityType));
    try (Workspace workspace = backend.workspace(bytes)) {
      List<Tensor> tensors = layOut(workspace, start, velocityType);
      Tensor sample = tensors.getFirst();
      backend.upload(start, sample);
      for (int i = 0; i < schedule.steps(); i++) {
        backend.upload(run.input("velocity." + i), tensors.get(1));
        backend.eulerStep(sample, tensors.get(1), schedule.dt(i), tensors.get(2));
        // As the reference's step, which gives its result in the type of the velocity.
        HostTensor stepped = backend.download(tensors.get(2));
        run.put(
            "sample." + (i + 1), new HostTensor(stepped.dtype(), start.shape(), stepped.data()));
        sample = tensors.get(3);
        backend.copy(tensors.get(2), sample);
      }
    }
  }

  /** The sample as each step finds it. */
  public static void noisy(CaseRun run) throws IOException {
    SigmaSchedule schedule = empirical(run);
    for (int i = 0; i < schedule.steps(); i++) {
      run.put("noisy." + i, schedule.scaleNoise(i, run.input("sample"), run.input("noise")));
    }
  }

  private static List<Tensor> layOut(Workspace workspace, HostTensor sample, DType velocityType) {
    Shape rows = Shape.of(sample.shape().rows(), sample.shape().columns());
    return List.of(
        workspace.tensor(sample.dtype(), rows),
        workspace.tensor(velocityType, rows),
        workspace.tensor(velocityType, rows),
        workspace.tensor(velocityType, rows));
  }

  private static String refusal(SigmaSchedule full, double strength) {
    try {
      return "not refused, " + full.truncate(strength).steps() + " steps";
    } catch (IllegalArgumentException _) {
      return "";
    }
  }

  /** A description does not say which formula its mu comes from: the one that is nearer. */
  private static double mu(JsonNode run, SchedulerConfig config) {
    double expected = run.path("mu").doubleValue();
    if (!config.useDynamicShifting()) {
      return expected;
    }
    int tokens = run.path("seq_len").intValue();
    return Stream.of(
            EmpiricalMu.of(tokens, run.path("steps").intValue()), LinearMu.of(config, tokens))
        .min(Comparator.comparingDouble(mu -> Math.abs(mu - expected)))
        .orElseThrow();
  }

  private static SigmaSchedule empirical(CaseRun run) throws IOException {
    int steps = run.golden().parameters().path("steps").intValue();
    int tokens = run.golden().parameters().path("seq_len").intValue();
    return scheduler(run).schedule(steps, EmpiricalMu.of(tokens, steps));
  }

  private static FlowMatchEulerScheduler scheduler(CaseRun run) throws IOException {
    Path file = Files.createTempFile("scheduler", ".json");
    try {
      Files.writeString(file, run.golden().parameters().path("config").toString());
      return new FlowMatchEulerScheduler(SchedulerConfig.from(ConfigJson.read(file)));
    } finally {
      Files.delete(file);
    }
  }
}
