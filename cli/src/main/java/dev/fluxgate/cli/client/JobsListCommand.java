package dev.fluxgate.cli.client;

import dev.fluxgate.cli.client.Table.Cell;
import dev.fluxgate.cli.job.JobWords;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.Range;
import dev.fluxgate.cli.option.ServerOption;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.cli.terminal.Colour;
import dev.fluxgate.cli.terminal.Terminals;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints the newest jobs, a line each. */
@Command(name = "list", description = "Lists jobs, the newest first.", sortOptions = false)
final class JobsListCommand implements Callable<Integer> {
  private static final Range LIMIT = new Range(1, 100_000);
  private static final List<String> HEAD =
      List.of("ID", "STATE", "PROGRESS", "MODEL", "SIZE", "AGE", "PROMPT");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ServerOption server = new ServerOption();

  @Option(
      names = "--state",
      split = ",",
      paramLabel = "STATE",
      completionCandidates = States.class,
      description =
          "Only these: queued, running, succeeded, failed, cancelled, expired. Default: all.")
  private List<String> states = List.of();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "Most jobs. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(names = "--json", description = "Print one job a line, as proto3 JSON.")
  private boolean json;

  /** What a shell offers. */
  static final class States implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return JobWords.states().iterator();
    }
  }

  @Override
  public Integer call() {
    List<JobState> wanted = states.stream().map(this::state).toList();
    int most = LIMIT.check(spec, "--limit", limit);
    try (ImageGenerationClient client = ImageGenerationClient.dial(server.address().target())) {
      print(client.list(wanted, most));
    }
    return ExitCode.OK;
  }

  private JobState state(String word) {
    try {
      return JobWords.state(word);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  private void print(List<Job> jobs) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      jobs.forEach(job -> out.println(Texts.json(job)));
      out.flush();
      return;
    }
    boolean isColour = Terminals.hasColour(Terminals.isStdout());
    Table table = new Table();
    table.add(HEAD.stream().map(Cell::of).toList());
    Instant now = Instant.now();
    jobs.forEach(job -> table.add(row(job, now, isColour)));
    table.print(out, Terminals.columns());
  }

  private static List<Cell> row(Job job, Instant now, boolean isColour) {
    String state = JobWords.of(job.getState());
    Cell coloured = new Cell(state, colour(job.getState()).paint(state, isColour));
    return Stream.concat(
            Stream.of(Cell.of(job.getId()), coloured),
            Stream.of(
                    job.getTotalSteps() == 0 ? "-" : job.getStep() + "/" + job.getTotalSteps(),
                    job.getParameters().getModel(),
                    Texts.size(job.getParameters()),
                    Texts.age(job.getCreateTime(), now),
                    job.getParameters().getPrompt())
                .map(Cell::of))
        .toList();
  }

  private static Colour colour(JobState state) {
    return switch (state) {
      case JOB_STATE_SUCCEEDED -> Colour.GREEN;
      case JOB_STATE_FAILED, JOB_STATE_EXPIRED -> Colour.RED;
      case JOB_STATE_RUNNING -> Colour.YELLOW;
      case JOB_STATE_QUEUED, JOB_STATE_CANCELLED, JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
          Colour.GREY;
    };
  }
}
