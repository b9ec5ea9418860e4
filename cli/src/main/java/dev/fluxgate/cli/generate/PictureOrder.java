package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.picture.PictureNames;
import dev.fluxgate.v1.GenerationParameters;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One job, from what is typed to what is written.
 *
 * @param parameters of the request, but for its inputs
 * @param inputs files that it is made from
 * @param names of the files that come of it
 * @param timeout until it expires; null leaves that to the gateway
 */
public record PictureOrder(
    GenerationParameters parameters,
    InputOptions inputs,
    PictureNames names,
    @Nullable Duration timeout) {

  /**
   * The order for one prompt.
   *
   * @param model empty for the default
   * @param out as given; null or a folder leaves the names to the prompt
   * @throws dev.fluxgate.cli.failure.RequestRefusedException if a file is not there, or cannot be
   *     called so
   * @throws java.io.UncheckedIOException if a file cannot be written
   */
  public static PictureOrder of(
      DrawingOptions options,
      String prompt,
      String model,
      @Nullable Path out,
      @Nullable Duration timeout) {
    options.inputs().check();
    PictureNames names = options.names(out, prompt);
    names.check();
    GenerationParameters parameters =
        options.parameters(prompt, out).toBuilder().setModel(model).build();
    return new PictureOrder(parameters, options.inputs(), names, timeout);
  }
}
