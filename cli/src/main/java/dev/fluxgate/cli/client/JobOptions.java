package dev.fluxgate.cli.client;

import dev.fluxgate.cli.option.ServerOption;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Which job of which gateway. */
final class JobOptions {
  @Parameters(paramLabel = "ID", description = "The job, as jobs list tells it.")
  private String id = "";

  @Mixin private ServerOption server = new ServerOption();

  String id() {
    return id;
  }

  /** Dials the gateway. */
  ImageGenerationClient dial() {
    return ImageGenerationClient.dial(server.address().target());
  }
}
