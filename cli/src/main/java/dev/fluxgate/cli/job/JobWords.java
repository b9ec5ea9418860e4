package dev.fluxgate.cli.job;

import dev.fluxgate.cli.failure.CancelledException;
import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A job in the words of the command line. */
public final class JobWords {
  private static final String PREFIX = "JOB_STATE_";
  private static final Set<JobState> ENDED =
      Set.of(
          JobState.JOB_STATE_SUCCEEDED,
          JobState.JOB_STATE_FAILED,
          JobState.JOB_STATE_CANCELLED,
          JobState.JOB_STATE_EXPIRED);

  private JobWords() {}

  /** "running"; a state that is not known yet as it is. */
  public static String of(JobState state) {
    return state.name().replace(PREFIX, "").toLowerCase(Locale.ROOT);
  }

  /** The states that a job can be in, in words. */
  public static List<String> states() {
    return Arrays.stream(JobState.values())
        .filter(s -> s != JobState.JOB_STATE_UNSPECIFIED && s != JobState.UNRECOGNIZED)
        .map(JobWords::of)
        .toList();
  }

  /**
   * The state called {@code word}, in whatever case.
   *
   * @throws IllegalArgumentException for any other word
   */
  public static JobState state(String word) {
    if (!states().contains(word.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "state: " + word + " (expected: " + String.join(", ", states()) + ")");
    }
    return JobState.valueOf(PREFIX + word.toUpperCase(Locale.ROOT));
  }

  /** Whether nothing will change any more. */
  public static boolean hasEnded(Job job) {
    return ENDED.contains(job.getState());
  }

  /** Shows how far {@code job} is. */
  public static void show(Job job, Progress progress) {
    switch (job.getStage()) {
      case JOB_STAGE_ENCODING -> progress.stage("encoding the prompt");
      case JOB_STAGE_WAITING -> progress.stage("waiting for a worker");
      case JOB_STAGE_DENOISING -> progress.step(job.getStep(), job.getTotalSteps());
      case JOB_STAGE_DECODING -> progress.stage("decoding");
      case JOB_STAGE_UNSPECIFIED, UNRECOGNIZED -> {
        // A stage of a newer gateway: nothing to say.
      }
    }
  }

  /**
   * A job that ended, if it ended well.
   *
   * @throws CancelledException if it was cancelled
   * @throws GenerationFailedException if it ended without pictures
   */
  public static Job succeeded(Job ended) {
    return switch (ended.getState()) {
      case JOB_STATE_SUCCEEDED -> ended;
      case JOB_STATE_CANCELLED -> throw new CancelledException();
      default -> throw new GenerationFailedException(whyNot(ended));
    };
  }

  /** Why it ended without pictures. */
  public static String whyNot(Job ended) {
    String reason = ended.getError().getMessage();
    return reason.isEmpty() ? "the job ended as " + of(ended.getState()) : reason;
  }

  /** What is worth telling of a picture: size, seed, steps and where the time went. */
  public static String summary(Job job, ImageInfo image) {
    GenerationParameters used = job.getParameters();
    int steps = used.getNumInferenceSteps();
    return String.format(
        Locale.ROOT,
        "(%d x %d, seed %d, %d %s; encoded in %.2f s, denoised in %.2f s, decoded in %.2f s)",
        image.getWidth(),
        image.getHeight(),
        image.getIndex() < used.getSeedsCount() ? used.getSeeds(image.getIndex()) : used.getSeed(),
        steps,
        steps == 1 ? "step" : "steps",
        job.getTimings().getEncodeMillis() / 1e3,
        job.getTimings().getDenoiseMillis() / 1e3,
        job.getTimings().getDecodeMillis() / 1e3);
  }
}
