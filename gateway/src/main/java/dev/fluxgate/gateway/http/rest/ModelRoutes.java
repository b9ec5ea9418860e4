package dev.fluxgate.gateway.http.rest;

import com.linecorp.armeria.common.HttpResponse;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.generate.ModelStatus;
import dev.fluxgate.gateway.http.json.JsonText;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.route.Call;
import dev.fluxgate.gateway.http.route.Operation;
import dev.fluxgate.gateway.http.route.Route;
import dev.fluxgate.v1.RestModel;
import dev.fluxgate.v1.RestModelList;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** The models that can be asked for, in the shape of OpenAI's. */
public final class ModelRoutes {
  private final ImageGeneration generation;
  private final long created = Instant.now().getEpochSecond();

  /** Routes to the models of {@code generation}. */
  public ModelRoutes(ImageGeneration generation) {
    this.generation = generation;
  }

  /** The routes. */
  public List<Route> routes() {
    return List.of(
        Route.get(
            "/v1/models",
            Operation.of("listModels", "The models that can be asked for.")
                .answer(200, RestModelList.getDescriptor(), "All that workers have drawn with."),
            _ -> list()),
        Route.get(
            "/v1/models/{id}",
            Operation.of("getModel", "A model.")
                .answer(200, RestModel.getDescriptor(), "The model."),
            this::model));
  }

  private HttpResponse list() {
    RestModelList.Builder list = RestModelList.newBuilder().setObject("list");
    generation.models().forEach(status -> list.addData(RestJobs.message(status, created)));
    return JsonText.response(200, list.build());
  }

  private HttpResponse model(Call call) {
    String id = call.part("id");
    List<ModelStatus> models = generation.models();
    return models.stream()
        .filter(status -> status.model().name().equals(id))
        .findFirst()
        .map(status -> JsonText.response(200, RestJobs.message(status, created)))
        .orElseThrow(() ->
            new HttpFailureException(
                404,
                "MODEL_NOT_FOUND",
                "model: "
                    + id
                    + " (expected: "
                    + models.stream().map(s -> s.model().name()).collect(Collectors.joining(" or "))
                    + ")"));
  }
}
