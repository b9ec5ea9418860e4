package dev.fluxgate.gateway.http.rest;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.route.Call;
import dev.fluxgate.gateway.http.route.Operation;
import dev.fluxgate.gateway.http.route.Operation.Answer;
import dev.fluxgate.gateway.http.route.Operation.Place;
import dev.fluxgate.gateway.http.route.Route;
import dev.fluxgate.gateway.job.Tenant;
import dev.fluxgate.gateway.wish.Output;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The pictures of a job, as files. */
public final class ImageRoutes {
  private static final String FILE = "The file; its ETag is its SHA-256.";

  private final ImageGeneration generation;

  /** Routes to the pictures of {@code generation}. */
  public ImageRoutes(ImageGeneration generation) {
    this.generation = generation;
  }

  /** The routes. */
  public List<Route> routes() {
    return List.of(
        Route.get(
            "/v1/jobs/{id}/images/{n}",
            Operation.of("getImage", "One picture of a job, the first is 0.")
                .parameter(
                    "If-None-Match", Place.HEADER, "string", "The ETag of what the caller has.")
                .answer(new Answer(200, "image/png", null, FILE))
                .answer(new Answer(200, "image/jpeg", null, FILE))
                .answer(new Answer(200, "image/webp", null, FILE))
                .answer(new Answer(200, Output.Format.LATENTS.mediaType(), null, FILE))
                .answer(new Answer(304, "", null, "The caller has it.")),
            this::image));
  }

  private HttpResponse image(Call call) {
    String id = call.part("id");
    ImageGeneration.Picture picture = generation.picture(Tenant.LOCAL, id, index(call.part("n")));
    String tag = '"' + HexFormat.of().formatHex(picture.image().sha256().toByteArray()) + '"';
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(200)
            .set(HttpHeaderNames.ETAG, tag)
            // A picture never changes; it is its owner's alone.
            .set(HttpHeaderNames.CACHE_CONTROL, "private, max-age=31536000, immutable");
    if (isHeld(call, tag)) {
      return HttpResponse.of(headers.status(304).build());
    }
    String file =
        "fluxgate-%s-%d.%s"
            .formatted(id, picture.image().index(), extension(picture.image().mediaType()));
    headers
        .set(HttpHeaderNames.CONTENT_TYPE, picture.image().mediaType())
        .set(HttpHeaderNames.CONTENT_DISPOSITION, "inline; filename=\"" + file + "\"")
        .setLong(HttpHeaderNames.CONTENT_LENGTH, picture.bytes().size());
    // The store's own bytes: a slow reader costs no copy.
    return HttpResponse.of(
        headers.build(),
        HttpData.wrap(Unpooled.wrappedBuffer(picture.bytes().asReadOnlyByteBuffer())));
  }

  private static boolean isHeld(Call call, String tag) {
    return call.header("if-none-match").stream()
        .flatMap(tags -> Arrays.stream(tags.split(",", -1)))
        .map(held -> held.strip().replaceFirst("^W/", ""))
        .anyMatch(held -> held.equals(tag) || held.equals("*"));
  }

  private static String extension(String mediaType) {
    return Arrays.stream(Output.Format.values())
        .filter(format -> format.mediaType().equals(mediaType))
        .map(Output.Format::extension)
        .findFirst()
        .orElse("bin");
  }

  private static int index(String text) {
    try {
      return Integer.parseUnsignedInt(text);
    } catch (NumberFormatException e) {
      throw HttpFailureException.invalid("image", text, "a whole number from 0");
    }
  }
}
