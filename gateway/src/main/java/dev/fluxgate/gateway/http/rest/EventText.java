package dev.fluxgate.gateway.http.rest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.linecorp.armeria.common.HttpData;
import dev.fluxgate.gateway.event.Preview;
import dev.fluxgate.gateway.http.json.JsonText;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.watch.JobUpdate;

/**
 * Updates → the text of server-sent events. Many readers of one job share one text, which lives as
 * long as the job or the preview that it tells.
 */
final class EventText {
  private final Cache<Object, HttpData> texts = Caffeine.newBuilder().weakKeys().build();

  /** The event that tells {@code update}. */
  HttpData of(JobUpdate update) {
    return switch (update) {
      case JobUpdate.Changed(Job job) -> texts.get(job, _ -> changed(job));
      case JobUpdate.Previewed(_, Preview preview) -> texts.get(preview, _ -> previewed(preview));
    };
  }

  private static HttpData changed(Job job) {
    return HttpData.ofUtf8(
        "id: %d\nevent: job\ndata: %s\n\n", job.sequence(), JsonText.full(RestJobs.message(job)));
  }

  // Without an id: who comes back after a preview must be told the job's next state all the same.
  private static HttpData previewed(Preview preview) {
    return HttpData.ofUtf8(
        "event: preview\ndata: %s\n\n", JsonText.full(RestJobs.message(preview)));
  }
}
