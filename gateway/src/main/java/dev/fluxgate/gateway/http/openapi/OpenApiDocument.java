package dev.fluxgate.gateway.http.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import dev.fluxgate.gateway.http.json.JsonText;
import dev.fluxgate.gateway.http.problem.Refusals;
import dev.fluxgate.gateway.http.route.Operation;
import dev.fluxgate.gateway.http.route.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The OpenAPI document of a list of routes. */
public final class OpenApiDocument {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String VERSION = "3.1.0";

  private final Schemas schemas = new Schemas();
  private final ObjectNode root = JSON.objectNode();

  private OpenApiDocument(List<Route> routes) {
    root.put("openapi", VERSION);
    root.putObject("info").put("title", "Fluxgate").put("version", "v1");
    ObjectNode paths = root.putObject("paths");
    for (Route route : routes) {
      paths
          .withObjectProperty(route.path().toString())
          .set(route.method().name().toLowerCase(Locale.ROOT), operation(route));
    }
    root.putObject("components").set("schemas", schemas.all());
  }

  /** A route to the document of {@code routes} and itself. */
  public static Route route(List<Route> routes) {
    Operation operation =
        Operation.of("openapi", "This document.")
            .answer(new Operation.Answer(200, "application/json", null, "OpenAPI " + VERSION));
    List<Route> all = new ArrayList<>(routes);
    all.add(route(operation, ""));
    return route(operation, new OpenApiDocument(all).root.toPrettyString());
  }

  private static Route route(Operation operation, String text) {
    return Route.get(
        "/openapi.json", operation, _ -> JsonText.response(JsonText.headers(200), text));
  }

  private ObjectNode operation(Route route) {
    Operation operation = route.operation();
    ObjectNode node =
        JSON.objectNode().put("operationId", operation.id()).put("summary", operation.summary());
    ArrayNode parameters = node.putArray("parameters");
    route
        .path()
        .names()
        .forEach(name -> {
          ObjectNode parameter = parameters.addObject().put("name", name).put("in", "path");
          parameter.put("required", true).putObject("schema").put("type", "string");
        });
    for (Operation.Parameter each : operation.parameters()) {
      ObjectNode parameter = parameters.addObject().put("name", each.name());
      parameter.put("in", each.place().name().toLowerCase(Locale.ROOT));
      parameter.put("description", each.text()).putObject("schema").put("type", each.type());
    }
    Descriptor body = operation.body();
    if (body != null) {
      boolean isForm = !operation.files().isEmpty();
      content(
              node.putObject("requestBody").put("required", true),
              isForm ? "multipart/form-data" : "application/json")
          .set("schema", isForm ? schemas.form(body, operation.files()) : schemas.request(body));
    }
    if (!operation.rawBody().isEmpty()) {
      ObjectNode content = node.putObject("requestBody").put("required", true).putObject("content");
      operation.rawBody().forEach(type -> content.putObject(type).putObject("schema"));
    }
    ObjectNode responses = node.putObject("responses");
    operation.answers().forEach(answer -> answer(responses, answer));
    refusal(responses, route.refusals());
    return node;
  }

  private void answer(ObjectNode responses, Operation.Answer answer) {
    ObjectNode response = responses.withObjectProperty(Integer.toString(answer.status()));
    response.put("description", answer.text());
    Descriptor schema = answer.schema();
    if (schema != null) {
      content(response, answer.mediaType()).set("schema", schemas.response(schema));
    } else if (!answer.mediaType().isEmpty()) {
      content(response, answer.mediaType()).putObject("schema");
    }
  }

  private void refusal(ObjectNode responses, Refusals refusals) {
    ObjectNode response = responses.putObject("default").put("description", "A refusal.");
    content(response, refusals.mediaType()).set("schema", schemas.response(refusals.schema()));
  }

  private static ObjectNode content(ObjectNode of, String mediaType) {
    return of.withObjectProperty("content").putObject(mediaType);
  }
}
