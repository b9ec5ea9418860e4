package dev.fluxgate.cli.kernels;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what each kernel takes on each architecture. */
@Command(
    name = "kernels",
    description = {
      "Tells what every CUDA kernel takes on every architecture: registers, memory, blocks that a"
          + " multiprocessor holds. Read from the machine code, so it needs no GPU.",
    })
public final class KernelsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--markdown", description = "Print the page docs/kernels.md.")
  private boolean markdown;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    KernelPage page = KernelPage.read();
    out.print(markdown ? page.markdown() : page.text());
    out.flush();
  }
}
