package dev.fluxgate.gateway.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.fluxgate.gateway.event.Preview;
import dev.fluxgate.gateway.generate.ModelStatus;
import dev.fluxgate.gateway.image.StoredImage;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobState;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.JobError;
import dev.fluxgate.v1.JobStage;
import dev.fluxgate.v1.JobTimings;
import dev.fluxgate.v1.Model;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Jobs as their owners see them ⇄ jobs. */
public final class JobCodec {
  private JobCodec() {}

  /** Whose a request is, and how a repeat of it is recognised. */
  public static Job.Request request(
      String tenant, String requestId, GenerationParameters parameters) {
    return new Job.Request(
        tenant,
        requestId.isEmpty() ? null : requestId,
        HexFormat.of().formatHex(ContentHash.of(parameters.toByteString()).toByteArray()));
  }

  /** A job, as its owner sees it. */
  public static dev.fluxgate.v1.Job message(Job job) {
    Job.Timings timings = job.timings();
    dev.fluxgate.v1.Job.Builder message =
        dev.fluxgate.v1.Job.newBuilder()
            .setId(job.id())
            .setState(state(job.state()))
            .setStep(job.progress().step())
            .setTotalSteps(job.progress().totalSteps())
            .setParameters(ParametersCodec.message(job.parameters()))
            .setCreateTime(timestamp(job.times().created()))
            .setSequence(job.sequence())
            .setModelHash(job.modelHash())
            .setTimings(
                JobTimings.newBuilder()
                    .setEncodeMillis(timings.encodeMillis())
                    .setWaitMillis(timings.waitMillis())
                    .setDenoiseMillis(timings.denoiseMillis())
                    .setDecodeMillis(timings.decodeMillis()));
    if (!job.state().isEnd()) {
      message.setStage(stage(job.progress().stage()));
    }
    if (job.state() == JobState.SUCCEEDED) {
      job.images().forEach(image -> message.addImages(message(image)));
    }
    Job.Embeddings embeddings = job.embeddings();
    if (embeddings != null) {
      message.setEmbeddingCached(embeddings.cached()).setPromptTruncated(embeddings.truncated());
      if (embeddings.upsampledPrompt() != null) {
        message.setUpsampledPrompt(embeddings.upsampledPrompt());
      }
    }
    Job.JobError error = job.error();
    if (error != null) {
      message.setError(JobError.newBuilder().setReason(error.reason()).setMessage(error.message()));
    }
    Instant ended = job.times().ended();
    if (ended != null) {
      message.setEndTime(timestamp(ended));
    }
    return message.build();
  }

  static ImageInfo message(StoredImage image) {
    return ImageInfo.newBuilder()
        .setIndex(image.index())
        .setMediaType(image.mediaType())
        .setByteSize(image.byteSize())
        .setSha256(image.sha256())
        .setWidth(image.width())
        .setHeight(image.height())
        .build();
  }

  /** A preview. */
  public static dev.fluxgate.v1.Preview message(Preview preview) {
    return dev.fluxgate.v1.Preview.newBuilder()
        .setIndex(preview.index())
        .setStep(preview.step())
        .setMediaType(preview.mediaType())
        .setData(preview.data())
        .setWidth(preview.width())
        .setHeight(preview.height())
        .build();
  }

  static StoredImage image(ImageInfo message) {
    ByteString sha256 = message.getSha256();
    return new StoredImage(
        message.getIndex(),
        message.getMediaType(),
        message.getByteSize(),
        sha256,
        message.getWidth(),
        message.getHeight());
  }

  /**
   * The states of a query.
   *
   * @throws InvalidFieldException for one that is none
   */
  static Set<JobState> states(List<dev.fluxgate.v1.JobState> messages) {
    return messages.stream().map(JobCodec::state).collect(Collectors.toSet());
  }

  private static JobState state(dev.fluxgate.v1.JobState message) {
    return Arrays.stream(JobState.values())
        .filter(state -> state(state) == message)
        .findFirst()
        .orElseThrow(() ->
            new InvalidFieldException(
                "states", "states: " + message + " (expected: JOB_STATE_QUEUED and its like)"));
  }

  /** A model, as users see it. */
  public static Model message(ModelStatus status) {
    DrawingModel model = status.model();
    DrawingModel.Defaults defaults = model.defaults();
    return Model.newBuilder()
        .setId(model.name())
        .setFamily(model.family())
        .setModelHash(model.modelHash())
        .setSizeMultiple(model.sizeMultiple())
        .setMaxPixels(model.maxPixels())
        .setDefaultWidth(defaults.width())
        .setDefaultHeight(defaults.height())
        .setDefaultNumInferenceSteps(defaults.numInferenceSteps())
        .setDefaultGuidanceScale(defaults.guidanceScale())
        .setWorkers(status.workers())
        .setReady(status.ready())
        .addAllPipelines(model.abilities().pipelines())
        .setMaxReferences(model.abilities().maxReferences())
        .setMaxSequenceLength(model.abilities().maxSequenceLength())
        .setPooledWidth(model.abilities().pooledWidth())
        .build();
  }

  private static dev.fluxgate.v1.JobState state(JobState state) {
    return switch (state) {
      case QUEUED -> dev.fluxgate.v1.JobState.JOB_STATE_QUEUED;
      case RUNNING -> dev.fluxgate.v1.JobState.JOB_STATE_RUNNING;
      case SUCCEEDED -> dev.fluxgate.v1.JobState.JOB_STATE_SUCCEEDED;
      case FAILED -> dev.fluxgate.v1.JobState.JOB_STATE_FAILED;
      case CANCELLED -> dev.fluxgate.v1.JobState.JOB_STATE_CANCELLED;
      case EXPIRED -> dev.fluxgate.v1.JobState.JOB_STATE_EXPIRED;
    };
  }

  private static JobStage stage(dev.fluxgate.gateway.job.JobStage stage) {
    return switch (stage) {
      case ENCODING -> JobStage.JOB_STAGE_ENCODING;
      case WAITING -> JobStage.JOB_STAGE_WAITING;
      case DENOISING -> JobStage.JOB_STAGE_DENOISING;
      case DECODING -> JobStage.JOB_STAGE_DECODING;
    };
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
