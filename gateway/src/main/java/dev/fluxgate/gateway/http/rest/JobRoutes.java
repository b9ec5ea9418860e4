package dev.fluxgate.gateway.http.rest;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.http.json.JsonText;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.route.Call;
import dev.fluxgate.gateway.http.route.Operation;
import dev.fluxgate.gateway.http.route.Operation.Place;
import dev.fluxgate.gateway.http.route.Route;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobPage;
import dev.fluxgate.gateway.job.JobQuery;
import dev.fluxgate.gateway.job.JobState;
import dev.fluxgate.gateway.job.Tenant;
import dev.fluxgate.gateway.rpc.InputCodec;
import dev.fluxgate.gateway.rpc.JobCodec;
import dev.fluxgate.gateway.rpc.ParametersCodec;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.RestJob;
import dev.fluxgate.v1.RestJobList;
import dev.fluxgate.v1.RestJobRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Jobs: accept, tell, list, cancel. */
public final class JobRoutes {
  private static final int DEFAULT_PAGE_SIZE = 50;
  private static final int MAX_KEY_CHARS = 255;

  private final ImageGeneration generation;

  /** Routes to the jobs of {@code generation}. */
  public JobRoutes(ImageGeneration generation) {
    this.generation = generation;
  }

  /** The routes. */
  public List<Route> routes() {
    return List.of(
        Route.post(
            "/v1/jobs",
            Operation.of("createJob", "Accepts a job. The answer leaves only once it is stored.")
                .parameter(
                    "Idempotency-Key",
                    Place.HEADER,
                    "string",
                    "Chosen by the caller; the same key gives the same job.")
                .body(RestJobRequest.getDescriptor())
                .answer(202, RestJob.getDescriptor(), "The job; Location is its path."),
            this::create),
        Route.get(
            "/v1/jobs",
            Operation.of("listJobs", "The caller's jobs, the newest first.")
                .parameter("pageSize", Place.QUERY, "integer", "Most jobs, 1..1000; 50 if absent.")
                .parameter("pageToken", Place.QUERY, "string", "nextPageToken of the page before.")
                .parameter(
                    "state",
                    Place.QUERY,
                    "string",
                    "Only jobs in this state; may be repeated, or several joined by commas.")
                .answer(200, RestJobList.getDescriptor(), "A page."),
            this::list),
        Route.get(
            "/v1/jobs/{id}",
            Operation.of("getJob", "The state of a job.")
                .answer(200, RestJob.getDescriptor(), "The job as it stands."),
            call -> JsonText.response(200, RestJobs.message(find(call)))),
        Route.post(
            "/v1/jobs/{id}:cancel",
            Operation.of(
                    "cancelJob",
                    "Asks a job to stop; it does within one step. A job that has ended stays.")
                .answer(200, RestJob.getDescriptor(), "The job as it stands."),
            this::cancel));
  }

  private HttpResponse create(Call call) {
    RestJobRequest request = call.body(RestJobRequest.newBuilder()).build();
    if (!request.hasPrompt() && !request.hasPromptEmbeds()) {
      throw HttpFailureException.invalid("prompt", "absent", "what the picture shows");
    }
    GenerationParameters parameters =
        InputCodec.stored(RestParameters.of(request), generation.inputs());
    Job job =
        generation.create(
            JobCodec.request(Tenant.LOCAL, key(call), parameters),
            ParametersCodec.request(parameters),
            request.hasTimeoutMillis() ? Duration.ofMillis(request.getTimeoutMillis()) : null);
    return JsonText.response(
        JsonText.headers(202).toBuilder()
            .set(HttpHeaderNames.LOCATION, "/v1/jobs/" + job.id())
            .build(),
        JsonText.full(RestJobs.message(job)));
  }

  private static String key(Call call) {
    String key = call.header("idempotency-key").orElse("");
    if (key.length() > MAX_KEY_CHARS) {
      throw HttpFailureException.invalid(
          "Idempotency-Key", key.length() + " characters", "at most " + MAX_KEY_CHARS);
    }
    return key;
  }

  private Job find(Call call) {
    return generation.find(Tenant.LOCAL, call.part("id"));
  }

  private HttpResponse cancel(Call call) {
    return JsonText.response(
        200, RestJobs.message(generation.cancel(Tenant.LOCAL, call.part("id"))));
  }

  private HttpResponse list(Call call) {
    JobPage page =
        generation.list(
            Tenant.LOCAL,
            new JobQuery(
                call.number("pageSize", DEFAULT_PAGE_SIZE),
                call.query("pageToken").orElse(""),
                states(call)));
    RestJobList.Builder list = RestJobList.newBuilder().setNextPageToken(page.nextPageToken());
    page.jobs().forEach(job -> list.addJobs(RestJobs.message(job)));
    return JsonText.response(200, list.build());
  }

  private static Set<JobState> states(Call call) {
    Set<JobState> states = EnumSet.noneOf(JobState.class);
    for (String value : call.queries().getAll("state")) {
      for (String name : value.split(",", -1)) {
        states.add(
            Arrays.stream(JobState.values())
                .filter(state -> state.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                    HttpFailureException.invalid(
                        "state", name, "one of " + Arrays.toString(JobState.values()))));
      }
    }
    return states;
  }
}
