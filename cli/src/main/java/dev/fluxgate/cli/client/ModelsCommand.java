package dev.fluxgate.cli.client;

import dev.fluxgate.cli.client.Table.Cell;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.ServerOption;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.cli.terminal.Terminals;
import dev.fluxgate.v1.Model;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what can be asked for. */
@Command(
    name = "models",
    description = "Lists the models of a gateway, the default first.",
    sortOptions = false)
public final class ModelsCommand implements Callable<Integer> {
  private static final List<String> HEAD =
      List.of(
          "ID", "FAMILY", "SIZE", "STEPS", "GUIDANCE", "MULTIPLE", "PIXELS", "WORKERS", "READY");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();

  @Option(names = "--json", description = "Print one model a line, as proto3 JSON.")
  private boolean json;

  @Override
  public Integer call() {
    try (ImageGenerationClient client = ImageGenerationClient.dial(server.address().target())) {
      print(client.models());
    }
    return ExitCode.OK;
  }

  private void print(List<Model> models) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      models.forEach(model -> out.println(Texts.json(model)));
      out.flush();
      return;
    }
    Table table = new Table();
    table.add(HEAD.stream().map(Cell::of).toList());
    models.forEach(model -> table.add(row(model)));
    table.print(out, Terminals.columns());
  }

  private static List<Cell> row(Model model) {
    return Stream.of(
            model.getId(),
            model.getFamily(),
            model.getDefaultWidth() + " x " + model.getDefaultHeight(),
            model.getDefaultNumInferenceSteps(),
            model.getDefaultGuidanceScale(),
            model.getSizeMultiple(),
            model.getMaxPixels(),
            model.getWorkers(),
            model.getReady() ? "yes" : "no")
        .map(Cell::of)
        .toList();
  }
}
