package dev.fluxgate.cli.service;

import dev.fluxgate.cli.option.Range;
import dev.fluxgate.gateway.upsample.ChatEndpoint;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which chat endpoint rewrites prompts. Its key is never an argument, which others could read. */
final class UpsamplerOptions {
  private static final Range SECONDS = new Range(1, 3600);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--upsampler-url",
      paramLabel = "URL",
      description =
          "Chat endpoint that rewrites prompts, such as https://openrouter.ai/api/v1. Default: none;"
              + " encoders rewrite prompts with their own model.")
  private @Nullable URI url;

  @Option(
      names = "--upsampler-model",
      paramLabel = "NAME",
      defaultValue = ChatEndpoint.USUAL_MODEL,
      description = "Model to ask there. Default: ${DEFAULT-VALUE}.")
  private String model = ChatEndpoint.USUAL_MODEL;

  @Option(
      names = "--upsampler-key-file",
      paramLabel = "FILE",
      description =
          "File with the key of the chat endpoint. Default: the variable "
              + ChatEndpoint.KEY_VARIABLE
              + ".")
  private @Nullable Path keyFile;

  @Option(
      names = "--upsampler-timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "For one attempt to rewrite a prompt. Default: ${DEFAULT-VALUE}.")
  private int timeout;

  /** The endpoint; null where none is named. */
  @Nullable ChatEndpoint endpoint() {
    URI address = url;
    if (address == null) {
      return null;
    }
    try {
      return new ChatEndpoint(
          address,
          model,
          ChatEndpoint.key(keyFile, System.getenv()),
          Duration.ofSeconds(SECONDS.check(spec, "--upsampler-timeout", timeout)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
