package dev.fluxgate.cli.client;

import dev.fluxgate.cli.job.JobWords;
import dev.fluxgate.cli.terminal.PlainText;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobStage;
import java.io.PrintWriter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** All that is known of a job, a line each. */
final class JobDetails {
  private static final int LABEL = 12;

  private JobDetails() {}

  static void print(Job job, PrintWriter out) {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("id", job.getId());
    lines.put("state", JobWords.of(job.getState()));
    if (job.getStage() != JobStage.JOB_STAGE_UNSPECIFIED && !JobWords.hasEnded(job)) {
      lines.put("stage", word(job.getStage()));
    }
    if (job.getTotalSteps() > 0) {
      lines.put("steps", job.getStep() + " of " + job.getTotalSteps());
    }
    if (job.hasError()) {
      lines.put("error", job.getError().getReason() + ", " + job.getError().getMessage());
    }
    parameters(job.getParameters(), lines);
    lines.put("created", Texts.instant(job.getCreateTime()).toString());
    if (job.hasEndTime()) {
      lines.put("ended", Texts.instant(job.getEndTime()).toString());
    }
    lines.put("timings", timings(job));
    lines.put("embedding", job.getEmbeddingCached() ? "from the cache" : "encoded for this job");
    if (job.getPromptTruncated()) {
      lines.put("prompt end", "lost: more tokens than the model reads");
    }
    job.getImagesList()
        .forEach(image ->
            lines.put(
                "image " + image.getIndex(),
                image.getWidth()
                    + " x "
                    + image.getHeight()
                    + ", "
                    + image.getByteSize()
                    + " bytes, SHA-256 "
                    + HexFormat.of().formatHex(image.getSha256().toByteArray())));
    lines.forEach((label, value) ->
        out.println(
            label + " ".repeat(Math.max(1, LABEL - label.length())) + PlainText.line(value)));
    out.flush();
  }

  private static void parameters(GenerationParameters used, Map<String, String> lines) {
    lines.put("prompt", used.getPrompt());
    lines.put("model", used.getModel());
    lines.put("size", Texts.size(used));
    lines.put("seed", Long.toString(used.getSeed()));
    lines.put("guidance", Float.toString(used.getGuidanceScale()));
  }

  private static String timings(Job job) {
    return String.format(
        Locale.ROOT,
        "encoded in %.2f s, waited %.2f s, denoised in %.2f s, decoded in %.2f s",
        job.getTimings().getEncodeMillis() / 1e3,
        job.getTimings().getWaitMillis() / 1e3,
        job.getTimings().getDenoiseMillis() / 1e3,
        job.getTimings().getDecodeMillis() / 1e3);
  }

  private static String word(JobStage stage) {
    return stage.name().replace("JOB_STAGE_", "").toLowerCase(Locale.ROOT);
  }
}
