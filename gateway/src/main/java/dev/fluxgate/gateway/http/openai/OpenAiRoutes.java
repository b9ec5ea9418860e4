package dev.fluxgate.gateway.http.openai;

import com.google.protobuf.ByteString;
import com.linecorp.armeria.common.HttpResponse;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.http.json.JsonText;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.problem.Refusals;
import dev.fluxgate.gateway.http.route.Call;
import dev.fluxgate.gateway.http.route.Hangup;
import dev.fluxgate.gateway.http.route.Operation;
import dev.fluxgate.gateway.http.route.Route;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.Tenant;
import dev.fluxgate.gateway.rpc.JobCodec;
import dev.fluxgate.gateway.rpc.ParametersCodec;
import dev.fluxgate.gateway.watch.JobWatches;
import dev.fluxgate.v1.OpenAiImage;
import dev.fluxgate.v1.OpenAiImageRequest;
import dev.fluxgate.v1.OpenAiImageResponse;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** OpenAI's calls for pictures: they wait for the job, and hanging up cancels it. */
public final class OpenAiRoutes {
  /** Where pictures are edited; bodies may be longer than elsewhere. */
  public static final String EDITS = "/v1/images/edits";

  private static final Refusals REFUSALS = new OpenAiRefusals();

  /** What only shows when a worker opens a file. */
  private static final Set<String> FAULTS_OF_REQUESTS =
      Set.of("INVALID_REQUEST", "MALFORMED_IMAGE");

  private final ImageGeneration generation;
  private final JobWatches watches;

  /** Routes to pictures of {@code generation}. */
  public OpenAiRoutes(ImageGeneration generation, JobWatches watches) {
    this.generation = generation;
    this.watches = watches;
  }

  /** The routes. */
  public List<Route> routes() {
    return List.of(
        Route.post(
                "/v1/images/generations",
                Operation.of("generateImages", "OpenAI's call: pictures from a prompt, waited for.")
                    .body(OpenAiImageRequest.getDescriptor())
                    .answer(200, OpenAiImageResponse.getDescriptor(), "The pictures."),
                this::generate)
            .refusing(REFUSALS),
        Route.post(
                EDITS,
                Operation.of("editImages", "OpenAI's call: pictures from pictures, waited for.")
                    .form(OpenAiImageRequest.getDescriptor(), OpenAiEdit.FILES)
                    .answer(200, OpenAiImageResponse.getDescriptor(), "The pictures."),
                this::edit)
            .refusing(REFUSALS));
  }

  private HttpResponse generate(Call call) {
    OpenAiImageRequest request = call.body(OpenAiImageRequest.newBuilder()).build();
    return draw(call, request, OpenAiRequests.parameters(request));
  }

  private HttpResponse edit(Call call) {
    OpenAiImageRequest.Builder fields = OpenAiImageRequest.newBuilder();
    OpenAiEdit edit = OpenAiEdit.of(call.form(OpenAiEdit.NAMES, fields));
    OpenAiImageRequest request = fields.build();
    dev.fluxgate.v1.GenerationParameters wish = OpenAiRequests.parameters(request);
    return draw(call, request, edit.store(generation.inputs(), wish));
  }

  private HttpResponse draw(
      Call call, OpenAiImageRequest request, dev.fluxgate.v1.GenerationParameters wish) {
    Job job =
        generation.create(
            JobCodec.request(Tenant.LOCAL, "", wish), ParametersCodec.request(wish), null);
    // The deadline of the job is the limit.
    call.context().clearRequestTimeout();
    CompletableFuture<Job> end = JobEnd.of(watches, Tenant.LOCAL, job.id());
    // Not the call, whose body would stay in memory for as long as the job.
    String authority = call.request().authority();
    HttpResponse response =
        HttpResponse.of(
            end.thenApplyAsync(
                ended -> answer(authority, request, ended), call.context().blockingTaskExecutor()));
    Hangup.watch(
        call.context(),
        response,
        () -> {
          end.cancel(false);
          generation.cancel(Tenant.LOCAL, job.id());
        });
    return response;
  }

  private HttpResponse answer(@Nullable String authority, OpenAiImageRequest request, Job job) {
    Job.JobError error = job.error();
    return switch (job.state()) {
      case SUCCEEDED ->
          JsonText.response(
              JsonText.headers(200), JsonText.brief(pictures(authority, request, job)));
      case CANCELLED ->
          throw new HttpFailureException(
              409, "CANCELLED", "job " + job.id() + ": cancelled (expected: drawn)");
      case EXPIRED ->
          throw new HttpFailureException(
              504, "EXPIRED", "job " + job.id() + ": not drawn before its deadline");
      default ->
          throw new HttpFailureException(
              error != null && FAULTS_OF_REQUESTS.contains(error.reason()) ? 400 : 500,
              error == null ? "INTERNAL" : error.reason(),
              "job " + job.id() + ": " + (error == null ? job.state() : error.message()));
    };
  }

  private OpenAiImageResponse pictures(
      @Nullable String authority, OpenAiImageRequest request, Job job) {
    GenerationParameters parameters = job.parameters();
    OpenAiImageResponse.Builder response =
        OpenAiImageResponse.newBuilder()
            .setCreated((int) job.times().created().getEpochSecond())
            .setBackground("opaque")
            .setOutputFormat(parameters.wish().output().format().name().toLowerCase(Locale.ROOT))
            .setSize(job.images().getFirst().width() + "x" + job.images().getFirst().height())
            .setJobId(job.id())
            .setModel(parameters.model())
            .setSeed(parameters.seed());
    job.images().stream()
        .sorted((a, b) -> Integer.compare(a.index(), b.index()))
        .forEach(image -> {
          OpenAiImage.Builder picture = response.addDataBuilder();
          if (request.getResponseFormat().equals("url")) {
            picture.setUrl(
                "http://%s/v1/jobs/%s/images/%d".formatted(authority, job.id(), image.index()));
          } else {
            picture.setB64Json(bytes(job, image.index()));
          }
        });
    return response.build();
  }

  private ByteString bytes(Job job, int index) {
    return generation.picture(Tenant.LOCAL, job.id(), index).bytes();
  }
}
