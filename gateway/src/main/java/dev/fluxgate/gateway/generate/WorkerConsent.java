package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.gateway.worker.PlanAnswer;
import dev.fluxgate.gateway.worker.PlanQuestion;
import dev.fluxgate.gateway.worker.WorkerPool;
import dev.fluxgate.serving.InvalidFieldException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Asks workers whether they could draw a request, before it is accepted: its memory, and which
 * pipeline takes what it brings, is theirs to know (ADR 20). Only if each says no is it refused.
 */
final class WorkerConsent {
  private final WorkerPool workers;
  private final InputStore inputs;

  WorkerConsent(WorkerPool workers, InputStore inputs) {
    this.workers = workers;
    this.inputs = inputs;
  }

  /**
   * Waits for the first yes, or for all.
   *
   * @return who was asked, some of whom may not have answered yet
   * @throws InvalidFieldException if no worker could draw it; the message tells why, for want of
   *     memory with the bytes needed and there
   */
  List<WorkerPool.Asked> check(GenerationParameters parameters, DrawingModel model) {
    List<WorkerPool.Asked> asked =
        workers.ask(
            model.modelHash(),
            PlanQuestion.of(
                parameters,
                Prompts.needNegative(model, parameters.guidanceScale(), parameters.wish()),
                inputs));
    if (asked.isEmpty()) {
      // Whoever comes may have more memory than those who left.
      return asked;
    }
    CompletableFuture<Boolean> anyYes = new CompletableFuture<>();
    List<CompletableFuture<PlanAnswer>> answers =
        asked.stream().map(WorkerPool.Asked::answer).toList();
    for (CompletableFuture<PlanAnswer> each : answers) {
      var _ = each.thenAccept(answer -> completeIf(answer.isYes(), anyYes));
    }
    var _ =
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
            .thenRun(() -> anyYes.complete(false));
    if (!anyYes.join()) {
      throw new InvalidFieldException(
          "parameters", answers.getFirst().join().objection().message());
    }
    return asked;
  }

  private static void completeIf(boolean isYes, CompletableFuture<Boolean> anyYes) {
    if (isYes) {
      anyYes.complete(true);
    }
  }
}
