package dev.fluxgate.gateway.http.rest;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.route.Call;
import dev.fluxgate.gateway.http.route.Operation;
import dev.fluxgate.gateway.http.route.Operation.Answer;
import dev.fluxgate.gateway.http.route.Operation.Place;
import dev.fluxgate.gateway.http.route.Route;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.Tenant;
import dev.fluxgate.gateway.watch.JobWatches;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The changes of a job, as they happen. */
public final class EventRoutes implements AutoCloseable {
  private static final String LAST_EVENT_ID = "Last-Event-ID";

  private final ImageGeneration generation;
  private final JobWatches watches;
  private final Set<EventStream> readers = ConcurrentHashMap.newKeySet();
  private final EventText text = new EventText();

  /** Routes to the changes of the jobs of {@code generation}. */
  public EventRoutes(ImageGeneration generation, JobWatches watches) {
    this.generation = generation;
    this.watches = watches;
  }

  /** How many streams are open. */
  public int readers() {
    return readers.size();
  }

  /** The routes. */
  public List<Route> routes() {
    return List.of(
        Route.get(
            "/v1/jobs/{id}/events",
            Operation.of(
                    "watchJob",
                    "The state of a job, then every change, as server-sent events, until it ends.")
                .parameter(
                    LAST_EVENT_ID, Place.HEADER, "integer", "Tell nothing up to this sequence.")
                .parameter(
                    "lastEventId", Place.QUERY, "integer", "The same; the header goes before it.")
                .parameter("previews", Place.QUERY, "boolean", "Whether previews are wanted, too.")
                .answer(
                    new Answer(
                        200,
                        "text/event-stream",
                        null,
                        "Events \"job\" (data: a Job; id: its sequence) and \"preview\" (data: a"
                            + " Preview)."))
                .answer(new Answer(204, "", null, "The job has ended, and all was told before.")),
            this::watch));
  }

  private HttpResponse watch(Call call) {
    String id = call.part("id");
    Job job = generation.find(Tenant.LOCAL, id);
    long after = after(call, job);
    // To come back for more of a job that has ended is how browsers take the end of a stream.
    if (job.state().isEnd() && after == job.sequence()) {
      return HttpResponse.of(HttpStatus.NO_CONTENT);
    }
    JobWatches.Wish wish = new JobWatches.Wish(after, call.flag("previews"));
    if (call.request().method() == HttpMethod.HEAD) {
      return HttpResponse.of(HttpStatus.OK);
    }
    return new EventStream(call.context(), text::of, readers)
        .begin(onUpdate -> watches.open(Tenant.LOCAL, id, wish, onUpdate));
  }

  /** Ends all streams; readers come back for the rest by themselves. */
  @Override
  public void close() {
    readers.forEach(EventStream::end);
  }

  private static long after(Call call, Job job) {
    String value =
        call.header(LAST_EVENT_ID).or(() -> call.query("lastEventId")).orElse("0").strip();
    long after;
    try {
      after = Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw HttpFailureException.invalid(LAST_EVENT_ID, value, "a whole number");
    }
    if (after < 0) {
      throw HttpFailureException.invalid(LAST_EVENT_ID, value, "at least 0");
    }
    if (after > job.sequence()) {
      throw new HttpFailureException(
          400,
          "SEQUENCE_IN_FUTURE",
          "%s: %s (expected: 0..%d, the last of this job)"
              .formatted(LAST_EVENT_ID, value, job.sequence()));
    }
    return after;
  }
}
