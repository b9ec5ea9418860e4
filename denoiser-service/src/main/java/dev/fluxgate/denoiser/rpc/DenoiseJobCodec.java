package dev.fluxgate.denoiser.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.fluxgate.denoiser.job.DenoiseJob;
import dev.fluxgate.denoiser.job.EmbeddingRef;
import dev.fluxgate.denoiser.job.Lease;
import dev.fluxgate.denoiser.picture.DrawingModel;
import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.denoiser.picture.JobFailedException;
import dev.fluxgate.denoiser.picture.JobProgress;
import dev.fluxgate.denoiser.picture.PictureMaker;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.proto.tensor.TensorLimits;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.Complete;
import dev.fluxgate.v1.Credit;
import dev.fluxgate.v1.Draining;
import dev.fluxgate.v1.GenerationDefaults;
import dev.fluxgate.v1.Heartbeat;
import dev.fluxgate.v1.Hello;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.JobStage;
import dev.fluxgate.v1.LeaseRef;
import dev.fluxgate.v1.ModelDescription;
import dev.fluxgate.v1.Nack;
import dev.fluxgate.v1.NackReason;
import dev.fluxgate.v1.PlanResult;
import dev.fluxgate.v1.Preview;
import dev.fluxgate.v1.PreviewReport;
import dev.fluxgate.v1.Progress;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/** What a worker says and hears ⇄ values. */
final class DenoiseJobCodec {
  private static final int PROTOCOL = 1;

  private DenoiseJobCodec() {}

  /**
   * Who is speaking.
   *
   * @param id stable name of the worker
   * @param instance differs for every start of its process
   * @param model what it draws with
   */
  record Worker(String id, String instance, DrawingModel model) {}

  /**
   * A lease and what it is for.
   *
   * @throws IllegalArgumentException if it asks for what nobody can do
   */
  static DenoiseJob job(Assign assign) {
    long deadline = assign.getDeadlineMillis();
    if (deadline < 0) {
      throw new IllegalArgumentException(
          "deadline_millis: " + deadline + " (expected: 0 for none, or more)");
    }
    return new DenoiseJob(
        lease(assign.getLease()),
        DrawingCodec.drawing(assign.getParameters(), assign.getUpsampledPrompt()),
        new DenoiseJob.Text(
            embedding(assign.getPromptEmbeds()),
            assign.hasPooledPromptEmbeds() ? embedding(assign.getPooledPromptEmbeds()) : null),
        assign.hasNegativePromptEmbeds()
            ? new DenoiseJob.Text(
                embedding(assign.getNegativePromptEmbeds()),
                assign.hasNegativePooledPromptEmbeds()
                    ? embedding(assign.getNegativePooledPromptEmbeds())
                    : null)
            : null,
        DrawingCodec.inputs(assign.getParameters()),
        assign.hasPlan() ? DrawingCodec.shapes(assign.getPlan()) : null,
        deadline == 0 ? null : Duration.ofMillis(deadline),
        assign.getTraceId());
  }

  private static EmbeddingRef embedding(dev.fluxgate.v1.EmbeddingRef message) {
    return new EmbeddingRef(
        HexFormat.of().formatHex(message.getSha256().toByteArray()), message.getByteSize());
  }

  static ByteString hash(String sha256) {
    return ByteString.copyFrom(HexFormat.of().parseHex(sha256));
  }

  static Lease lease(LeaseRef message) {
    return new Lease(message.getJobId(), message.getEpoch());
  }

  static LeaseRef lease(Lease lease) {
    return LeaseRef.newBuilder().setJobId(lease.jobId()).setEpoch(lease.epoch()).build();
  }

  private static List<LeaseRef> messages(List<Lease> leases) {
    return leases.stream().map(DenoiseJobCodec::lease).toList();
  }

  static AttachRequest hello(Worker worker, List<String> heldEmbeddings, List<Lease> heldLeases) {
    return AttachRequest.newBuilder()
        .setHello(
            Hello.newBuilder()
                .setWorkerId(worker.id())
                .setInstanceId(worker.instance())
                .setProtocol(PROTOCOL)
                .setModel(model(worker.model()))
                .addAllHeldEmbeddings(heldEmbeddings.stream().map(DenoiseJobCodec::hash).toList())
                .addAllHeldLeases(messages(heldLeases)))
        .build();
  }

  static AttachRequest heartbeat(List<Lease> leases) {
    return AttachRequest.newBuilder()
        .setHeartbeat(Heartbeat.newBuilder().addAllLeases(messages(leases)))
        .build();
  }

  static AttachRequest credit(int count) {
    return AttachRequest.newBuilder().setCredit(Credit.newBuilder().setCount(count)).build();
  }

  static AttachRequest draining() {
    return AttachRequest.newBuilder().setDraining(Draining.getDefaultInstance()).build();
  }

  private static ModelDescription model(DrawingModel model) {
    DrawingModel.Defaults defaults = model.defaults();
    DrawingModel.Abilities abilities = model.abilities();
    return ModelDescription.newBuilder()
        .setName(model.name())
        .setFamily(model.family())
        .setModelHash(model.modelHash())
        .setTextEncoder(model.textEncoder())
        .setTextWidth(model.textWidth())
        .setSizeMultiple(model.sizeMultiple())
        .setMaxPixels(model.maxPixels())
        .setClassifierFreeGuidance(model.classifierFreeGuidance())
        .setDefaults(
            GenerationDefaults.newBuilder()
                .setWidth(defaults.width())
                .setHeight(defaults.height())
                .setNumInferenceSteps(defaults.numInferenceSteps())
                .setGuidanceScale(defaults.guidanceScale()))
        .setDtype(
            model.dtype() == DType.BF16
                ? dev.fluxgate.v1.DType.D_TYPE_BF16
                : dev.fluxgate.v1.DType.D_TYPE_F32)
        .addAllPipelines(abilities.pipelines())
        .setMaxReferences(abilities.maxReferences())
        .setPooledWidth(abilities.pooledWidth())
        .setMaxSequenceLength(abilities.maxSequenceLength())
        .setActivationBytes(abilities.activationBytes())
        .build();
  }

  static AttachRequest progress(Lease lease, JobProgress.Stage stage, int step, int totalSteps) {
    JobStage doing =
        switch (stage) {
          case DENOISING -> JobStage.JOB_STAGE_DENOISING;
          case DECODING -> JobStage.JOB_STAGE_DECODING;
        };
    return AttachRequest.newBuilder()
        .setProgress(
            Progress.newBuilder()
                .setLease(lease(lease))
                .setStage(doing)
                .setStep(step)
                .setTotalSteps(totalSteps))
        .build();
  }

  static AttachRequest preview(Lease lease, EncodedPicture picture, int step) {
    return AttachRequest.newBuilder()
        .setPreview(
            PreviewReport.newBuilder()
                .setLease(lease(lease))
                .setPreview(
                    Preview.newBuilder()
                        .setIndex(picture.index())
                        .setStep(step)
                        .setMediaType(picture.mediaType())
                        .setData(UnsafeByteOperations.unsafeWrap(picture.file()))
                        .setWidth(picture.width())
                        .setHeight(picture.height())))
        .build();
  }

  static AttachRequest complete(Lease lease, long denoiseMillis, long decodeMillis) {
    return AttachRequest.newBuilder()
        .setComplete(
            Complete.newBuilder()
                .setLease(lease(lease))
                .setDenoiseMillis(denoiseMillis)
                .setDecodeMillis(decodeMillis))
        .build();
  }

  static AttachRequest nack(
      Lease lease, JobFailedException.Fault fault, String reason, String message) {
    NackReason kind =
        switch (fault) {
          case REQUEST -> NackReason.NACK_REASON_INVALID;
          case MEMORY -> NackReason.NACK_REASON_TOO_LARGE;
          case JOB -> NackReason.NACK_REASON_JOB_SUSPECT;
          case WORKER -> NackReason.NACK_REASON_WORKER_SUSPECT;
          case SURROUNDINGS -> NackReason.NACK_REASON_TRANSIENT;
          case PREEMPTION -> NackReason.NACK_REASON_PREEMPTED;
          case CANCELLATION -> NackReason.NACK_REASON_CANCELLED;
        };
    return AttachRequest.newBuilder()
        .setNack(
            Nack.newBuilder()
                .setLease(lease(lease))
                .setReason(kind)
                .setDetail(reason)
                .setMessage(message))
        .build();
  }

  static AttachRequest planned(long id, PictureMaker.Need need) {
    return result(
        PlanResult.newBuilder()
            .setId(id)
            .setNeededBytes(need.bytes())
            .setAvailableBytes(need.limit()));
  }

  static AttachRequest impossible(long id, String why) {
    return result(PlanResult.newBuilder().setId(id).setRefusal(why));
  }

  static AttachRequest unplanned(long id) {
    return result(PlanResult.newBuilder().setId(id));
  }

  private static AttachRequest result(PlanResult.Builder result) {
    return AttachRequest.newBuilder().setPlanResult(result).build();
  }

  static ImageInfo image(EncodedPicture picture, ByteString bytes) {
    return ImageInfo.newBuilder()
        .setIndex(picture.index())
        .setMediaType(picture.mediaType())
        .setByteSize(bytes.size())
        .setSha256(ContentHash.of(bytes))
        .setWidth(picture.width())
        .setHeight(picture.height())
        .build();
  }

  /**
   * The whole array, repeated rows included.
   *
   * @throws dev.fluxgate.proto.tensor.MalformedTensorException if the header lies
   * @throws IllegalArgumentException for a type that is no prompt embeds' type
   */
  static HostTensor tensor(PackedTensor packed) {
    DType dtype =
        switch (packed.header().getDtype()) {
          case D_TYPE_F32 -> DType.F32;
          case D_TYPE_BF16 -> DType.BF16;
          case D_TYPE_F16 -> DType.F16;
          case D_TYPE_U8, D_TYPE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "dtype: " + packed.header().getDtype() + " (expected: F32, BF16 or F16)");
        };
    long[] dims = packed.header().getShapeList().stream().mapToLong(Long::longValue).toArray();
    HostTensor tensor = HostTensor.zeros(dtype, Shape.of(dims));
    MemorySegment data = tensor.data();
    TensorChunks.unpack(packed, TensorLimits.INPUT, data.asByteBuffer());
    return tensor;
  }
}
