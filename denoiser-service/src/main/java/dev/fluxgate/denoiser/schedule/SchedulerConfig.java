package dev.fluxgate.denoiser.schedule;

import dev.fluxgate.engine.checkpoint.ConfigJson;
import java.util.List;

/**
 * {@code scheduler_config.json} of a {@code FlowMatchEulerDiscreteScheduler} (models spec §3.1).
 *
 * @param numTrainTimesteps timestep of sigma 1
 * @param shift static shift; without effect where the shift is dynamic
 * @param useDynamicShifting whether the shift depends on the picture, through mu
 * @param baseShift mu of {@link LinearMu} for {@code baseImageSeqLen} tokens
 * @param maxShift mu of {@link LinearMu} for {@code maxImageSeqLen} tokens
 * @param baseImageSeqLen image tokens
 * @param maxImageSeqLen image tokens
 * @param timeShift formula of the dynamic shift
 * @param spacing how the sigmas lie between the first and the last
 * @param shiftTerminal the sigma before the final one is stretched to this; 0 to leave it
 * @param invertSigmas whether sigmas rise from 0 to 1
 */
public record SchedulerConfig(
    int numTrainTimesteps,
    double shift,
    boolean useDynamicShifting,
    double baseShift,
    double maxShift,
    int baseImageSeqLen,
    int maxImageSeqLen,
    TimeShift timeShift,
    Spacing spacing,
    double shiftTerminal,
    boolean invertSigmas) {
  private static final String CLASS = "FlowMatchEulerDiscreteScheduler";

  /** Formula of the dynamic shift. */
  public enum TimeShift {
    /** σ = eᵘ / (eᵘ + 1/s − 1), u: mu. */
    EXPONENTIAL,
    /** σ = u / (u + 1/s − 1), u: mu. */
    LINEAR
  }

  /** How the sigmas lie between the first and the last. */
  public enum Spacing {
    /** As the shift leaves them. */
    SHIFTED,
    /** Evenly in σ^(1/7) (Karras et al., 2022). */
    KARRAS,
    /** Evenly in ln σ. */
    EXPONENTIAL
  }

  /**
   * Reads a configuration; absent keys take the defaults of diffusers.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException for another scheduler, or for an
   *     option no FLUX model uses: stochastic sampling and beta sigmas
   */
  public static SchedulerConfig from(ConfigJson config) {
    if (!config.string("_class_name", CLASS).equals(CLASS)) {
      throw config.invalid("_class_name", '"' + CLASS + '"');
    }
    for (String unsupported : List.of("stochastic_sampling", "use_beta_sigmas")) {
      if (config.bool(unsupported, false)) {
        throw config.invalid(unsupported, "false");
      }
    }
    int numTrainTimesteps = config.integer("num_train_timesteps", 1000);
    if (numTrainTimesteps < 1) {
      throw config.invalid("num_train_timesteps", "at least 1");
    }
    double shift = config.number("shift", 1);
    if (shift <= 0) {
      throw config.invalid("shift", "above 0");
    }
    double shiftTerminal = config.number("shift_terminal", 0);
    if (shiftTerminal < 0 || shiftTerminal >= 1) {
      throw config.invalid("shift_terminal", "0 or more, below 1");
    }
    int baseImageSeqLen = config.integer("base_image_seq_len", 256);
    int maxImageSeqLen = config.integer("max_image_seq_len", 4096);
    if (baseImageSeqLen == maxImageSeqLen) {
      throw config.invalid("max_image_seq_len", "another number than base_image_seq_len");
    }
    return new SchedulerConfig(
        numTrainTimesteps,
        shift,
        config.bool("use_dynamic_shifting", false),
        config.number("base_shift", 0.5),
        config.number("max_shift", 1.15),
        baseImageSeqLen,
        maxImageSeqLen,
        timeShift(config),
        spacing(config),
        shiftTerminal,
        config.bool("invert_sigmas", false));
  }

  private static TimeShift timeShift(ConfigJson config) {
    return switch (config.string("time_shift_type", "exponential")) {
      case "exponential" -> TimeShift.EXPONENTIAL;
      case "linear" -> TimeShift.LINEAR;
      default -> throw config.invalid("time_shift_type", "\"exponential\" or \"linear\"");
    };
  }

  private static Spacing spacing(ConfigJson config) {
    boolean karras = config.bool("use_karras_sigmas", false);
    boolean exponential = config.bool("use_exponential_sigmas", false);
    if (karras && exponential) {
      throw config.invalid("use_karras_sigmas", "false beside use_exponential_sigmas");
    }
    return karras ? Spacing.KARRAS : exponential ? Spacing.EXPONENTIAL : Spacing.SHIFTED;
  }
}
