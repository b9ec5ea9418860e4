package dev.fluxgate.gateway.rpc;

import static dev.fluxgate.serving.Failure.messageOf;

import dev.fluxgate.gateway.embedding.EncoderUnavailableException;
import dev.fluxgate.gateway.embedding.NoEncoderException;
import dev.fluxgate.gateway.generate.ImageMissingException;
import dev.fluxgate.gateway.generate.NoWorkerException;
import dev.fluxgate.gateway.image.ImageCorruptException;
import dev.fluxgate.gateway.input.InputCorruptException;
import dev.fluxgate.gateway.input.InputStoreFullException;
import dev.fluxgate.gateway.job.JobNotFoundException;
import dev.fluxgate.gateway.job.LeaseLostException;
import dev.fluxgate.gateway.job.PageTokenException;
import dev.fluxgate.gateway.job.RequestIdReusedException;
import dev.fluxgate.gateway.watch.FutureSequenceException;
import dev.fluxgate.gateway.worker.ModelMismatchException;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.serving.StatusMapping;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;

/** The gateway's exceptions → statuses. */
public final class FailureCodec {
  private static final Duration RETRY_SOON = Duration.ofSeconds(2);

  private FailureCodec() {}

  /** The standard table with the gateway's rows. */
  public static StatusMapping table() {
    return StatusMapping.standard()
        .with(
            JobNotFoundException.class,
            e -> Failure.of(Code.NOT_FOUND, "JOB_NOT_FOUND", messageOf(e)))
        .with(
            RequestIdReusedException.class,
            e -> Failure.of(Code.ALREADY_EXISTS, "REQUEST_ID_REUSED", messageOf(e)))
        .with(
            ImageMissingException.class,
            e ->
                e.mayCome()
                    ? Failure.of(Code.FAILED_PRECONDITION, "NO_IMAGES", messageOf(e))
                    : Failure.of(Code.NOT_FOUND, "IMAGE_NOT_FOUND", messageOf(e)))
        .with(
            FutureSequenceException.class,
            e -> Failure.of(Code.OUT_OF_RANGE, "SEQUENCE_IN_FUTURE", messageOf(e)))
        .with(
            LeaseLostException.class,
            e -> Failure.of(Code.FAILED_PRECONDITION, "LEASE_LOST", messageOf(e)))
        .with(
            ImageCorruptException.class,
            e -> Failure.of(Code.DATA_LOSS, "IMAGE_CORRUPT", messageOf(e)))
        .with(
            InputCorruptException.class,
            e -> Failure.of(Code.DATA_LOSS, "INPUT_CORRUPT", messageOf(e)))
        .with(
            InputStoreFullException.class,
            e ->
                Failure.retryable(Code.RESOURCE_EXHAUSTED, "INPUTS_FULL", messageOf(e), RETRY_SOON))
        .with(
            PageTokenException.class,
            e ->
                new Failure(
                    Code.INVALID_ARGUMENT,
                    "INVALID_FIELD",
                    messageOf(e),
                    List.of(new InvalidFieldException.Violation("page_token", messageOf(e))),
                    null))
        .with(
            ModelMismatchException.class,
            e -> Failure.of(Code.FAILED_PRECONDITION, "MODEL_MISMATCH", messageOf(e)))
        .with(
            NoEncoderException.class,
            e -> Failure.of(Code.FAILED_PRECONDITION, "NO_ENCODER", messageOf(e)))
        .with(
            NoWorkerException.class,
            e -> Failure.retryable(Code.UNAVAILABLE, "NO_WORKER", messageOf(e), RETRY_SOON))
        .with(
            EncoderUnavailableException.class,
            e ->
                Failure.retryable(
                    Code.UNAVAILABLE, "ENCODER_UNAVAILABLE", messageOf(e), RETRY_SOON));
  }
}
