package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.input.Input;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.input.PictureHeader;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Sources;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.gateway.worker.PlanAnswer;
import dev.fluxgate.gateway.worker.PlanQuestion;
import dev.fluxgate.gateway.worker.WorkerPool;
import dev.fluxgate.serving.InvalidFieldException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

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
    List<WorkerPool.Asked> asked = workers.ask(model.modelHash(), question(parameters, model));
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

  private PlanQuestion question(GenerationParameters parameters, DrawingModel model) {
    Sources sources = parameters.wish().sources();
    Embeds embeds = parameters.wish().embeds();
    boolean isNegative = Prompts.needNegative(model, parameters.guidanceScale(), parameters.wish());
    return new PlanQuestion(
        parameters,
        tokens(embeds.prompt(), parameters),
        isNegative ? tokens(embeds.negative(), parameters) : 0,
        sources.images().stream().map(this::picture).filter(Objects::nonNull).toList(),
        picture(sources.mask()),
        picture(sources.reference()));
  }

  /** As many as the encoder makes, unless the embeds are there. */
  private int tokens(@Nullable InputRef embeds, GenerationParameters parameters) {
    if (embeds != null
        && inputs.describe(embeds).map(Input::spec).orElse(null) instanceof Input.Tensor tensor) {
      List<Long> shape = tensor.header().getShapeList();
      return Math.toIntExact(shape.get(shape.size() - 2));
    }
    return parameters.maxSequenceLength();
  }

  private @Nullable PictureHeader picture(@Nullable InputRef ref) {
    return ref != null
            && inputs.describe(ref).map(Input::spec).orElse(null) instanceof Input.Picture picture
        ? picture.header()
        : null;
  }
}
