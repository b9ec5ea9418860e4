package dev.fluxgate.gateway.http.route;

import com.google.protobuf.Descriptors.Descriptor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a route is for, as far as its readers must know.
 *
 * @param id unique among the routes
 * @param summary one line
 * @param parameters beside those of the path
 * @param body of the request, as JSON or as the fields of a form; null where there is none
 * @param files of a form; empty where the body is none
 * @param rawBody media types of a body that is no JSON; empty where there is none
 * @param answers of success; refusals are the same everywhere
 */
public record Operation(
    String id,
    String summary,
    List<Parameter> parameters,
    @Nullable Descriptor body,
    List<File> files,
    List<String> rawBody,
    List<Answer> answers) {

  /** Where a parameter stands. */
  public enum Place {
    /** After the "?". */
    QUERY,
    /** Among the headers. */
    HEADER
  }

  /**
   * Something a request may say beside its path and body.
   *
   * @param type as JSON Schema names it
   * @param text what it is for
   */
  public record Parameter(String name, Place place, String type, String text) {}

  /**
   * A file of a form.
   *
   * @param isRequired whether there must be one
   * @param isRepeated whether there may be several
   * @param text what it is for
   */
  public record File(String name, boolean isRequired, boolean isRepeated, String text) {}

  /**
   * An answer of success.
   *
   * @param status of HTTP
   * @param mediaType of the body; empty where there is none
   * @param schema of a JSON body; null for any other
   * @param text what it means
   */
  public record Answer(int status, String mediaType, @Nullable Descriptor schema, String text) {}

  /** Copies the lists. */
  public Operation {
    parameters = List.copyOf(parameters);
    files = List.copyOf(files);
    rawBody = List.copyOf(rawBody);
    answers = List.copyOf(answers);
  }

  /** An operation that takes and answers nothing. */
  public static Operation of(String id, String summary) {
    return new Operation(id, summary, List.of(), null, List.of(), List.of(), List.of());
  }

  /** The same with one more parameter. */
  public Operation parameter(String name, Place place, String type, String text) {
    List<Parameter> more = new ArrayList<>(parameters);
    more.add(new Parameter(name, place, type, text));
    return new Operation(id, summary, more, body, files, rawBody, answers);
  }

  /** The same with a body of JSON. */
  public Operation body(Descriptor message) {
    return new Operation(id, summary, parameters, message, files, rawBody, answers);
  }

  /** The same with a form as its body. */
  public Operation form(Descriptor fields, List<File> files) {
    return new Operation(id, summary, parameters, fields, files, rawBody, answers);
  }

  /** The same with a body of bytes, of one of these types. */
  public Operation raw(List<String> mediaTypes) {
    return new Operation(id, summary, parameters, body, files, mediaTypes, answers);
  }

  /** The same with one more answer of JSON. */
  public Operation answer(int status, Descriptor message, String text) {
    return answer(new Answer(status, "application/json", message, text));
  }

  /** The same with one more answer. */
  public Operation answer(Answer answer) {
    List<Answer> more = new ArrayList<>(answers);
    more.add(answer);
    return new Operation(id, summary, parameters, body, files, rawBody, more);
  }

  /** Names of the query parameters. */
  public List<String> queryNames() {
    return parameters.stream()
        .filter(parameter -> parameter.place() == Place.QUERY)
        .map(Parameter::name)
        .toList();
  }
}
