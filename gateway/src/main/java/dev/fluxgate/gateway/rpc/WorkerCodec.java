package dev.fluxgate.gateway.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.event.Preview;
import dev.fluxgate.gateway.generate.GenerationLimits;
import dev.fluxgate.gateway.image.PngHeader;
import dev.fluxgate.gateway.image.StoredImage;
import dev.fluxgate.gateway.input.Input;
import dev.fluxgate.gateway.input.PictureHeader;
import dev.fluxgate.gateway.job.EmbeddingRef;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobStage;
import dev.fluxgate.gateway.job.LeaseRef;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.gateway.worker.LeaseTimes;
import dev.fluxgate.gateway.worker.NackReason;
import dev.fluxgate.gateway.worker.PlanAnswer;
import dev.fluxgate.gateway.worker.PlanQuestion;
import dev.fluxgate.gateway.worker.WorkerGreeting;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.Cancel;
import dev.fluxgate.v1.GenerationDefaults;
import dev.fluxgate.v1.Hello;
import dev.fluxgate.v1.InputRef;
import dev.fluxgate.v1.ModelDescription;
import dev.fluxgate.v1.Nack;
import dev.fluxgate.v1.PixelSize;
import dev.fluxgate.v1.Plan;
import dev.fluxgate.v1.PlanResult;
import dev.fluxgate.v1.Progress;
import dev.fluxgate.v1.Revoke;
import dev.fluxgate.v1.Welcome;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What workers say and hear ⇄ values. Workers are not trusted: what they say is checked. */
final class WorkerCodec {
  private static final int PROTOCOL = 1;
  private static final int MAX_NAME_CHARS = 128;
  private static final int MAX_MESSAGE_CHARS = 1000;
  private static final int MAX_HELD = 4096;
  private static final int MAX_PIPELINES = 64;
  private static final int MAX_SIDE = 1 << 16;
  private static final String PNG = "image/png";

  /** Largest picture file taken. */
  private static final long MAX_IMAGE_BYTES = 64L << 20;

  private WorkerCodec() {}

  static WorkerGreeting greeting(Hello hello) {
    require(
        hello.getProtocol() == PROTOCOL, "hello.protocol", "protocol: " + hello.getProtocol(), "1");
    name("hello.worker_id", hello.getWorkerId());
    name("hello.instance_id", hello.getInstanceId());
    require(
        hello.getHeldEmbeddingsCount() <= MAX_HELD && hello.getHeldLeasesCount() <= MAX_HELD,
        "hello",
        "held: "
            + hello.getHeldEmbeddingsCount()
            + " embeddings, "
            + hello.getHeldLeasesCount()
            + " leases",
        "at most " + MAX_HELD + " each");
    Set<ByteString> held = new HashSet<>(hello.getHeldEmbeddingsList());
    require(
        held.stream().allMatch(hash -> hash.size() == ContentHash.BYTES),
        "hello.held_embeddings",
        "held_embeddings: a hash of another length",
        ContentHash.BYTES + " bytes each");
    return new WorkerGreeting(
        hello.getWorkerId(),
        hello.getInstanceId(),
        model(hello.getModel()),
        held,
        leases(hello.getHeldLeasesList()));
  }

  private static DrawingModel model(ModelDescription message) {
    require(
        message.getName().matches("[a-z0-9_-][a-z0-9._-]{0,63}"),
        "hello.model.name",
        "name: " + cut(message.getName(), MAX_NAME_CHARS),
        "1 to 64 of a-z, 0-9, \".\", \"_\" and \"-\", the first no \".\"");
    name("hello.model.family", message.getFamily());
    name("hello.model.text_encoder", message.getTextEncoder());
    name("hello.model.model_hash", message.getModelHash());
    require(
        message.getTextWidth() > 0 && message.getSizeMultiple() > 0 && message.getMaxPixels() > 0,
        "hello.model",
        "text_width: "
            + message.getTextWidth()
            + ", size_multiple: "
            + message.getSizeMultiple()
            + ", max_pixels: "
            + message.getMaxPixels(),
        "all above 0");
    return new DrawingModel(
        message.getName(),
        message.getFamily(),
        message.getModelHash(),
        message.getTextEncoder(),
        message.getTextWidth(),
        message.getSizeMultiple(),
        message.getMaxPixels(),
        message.getClassifierFreeGuidance(),
        defaults(message.getDefaults()),
        abilities(message));
  }

  /** A request that names nothing is drawn with these: it must not fail by them. */
  private static DrawingModel.Defaults defaults(GenerationDefaults message) {
    float guidance = message.getGuidanceScale();
    require(
        message.getWidth() > 0
            && message.getHeight() > 0
            && message.getNumInferenceSteps() > 0
            && guidance >= 0
            && Float.isFinite(guidance),
        "hello.model.defaults",
        "width: "
            + message.getWidth()
            + ", height: "
            + message.getHeight()
            + ", num_inference_steps: "
            + message.getNumInferenceSteps()
            + ", guidance_scale: "
            + guidance,
        "the first three above 0, the last a finite number of at least 0");
    return new DrawingModel.Defaults(
        message.getWidth(), message.getHeight(), message.getNumInferenceSteps(), guidance);
  }

  private static DrawingModel.Abilities abilities(ModelDescription message) {
    require(
        message.getPipelinesCount() <= MAX_PIPELINES,
        "hello.model.pipelines",
        "pipelines: " + message.getPipelinesCount(),
        "at most " + MAX_PIPELINES);
    message.getPipelinesList().forEach(name -> name("hello.model.pipelines", name));
    require(
        message.getMaxReferences() >= 0
            && message.getPooledWidth() >= 0
            && message.getMaxSequenceLength() >= 0
            && message.getActivationBytes() >= 0,
        "hello.model",
        "max_references: "
            + message.getMaxReferences()
            + ", pooled_width: "
            + message.getPooledWidth()
            + ", max_sequence_length: "
            + message.getMaxSequenceLength()
            + ", activation_bytes: "
            + message.getActivationBytes(),
        "none below 0");
    return new DrawingModel.Abilities(
        message.getPipelinesList(),
        message.getMaxReferences(),
        message.getPooledWidth(),
        message.getMaxSequenceLength(),
        message.getActivationBytes());
  }

  static LeaseRef lease(dev.fluxgate.v1.LeaseRef message) {
    return new LeaseRef(message.getJobId(), message.getEpoch());
  }

  static List<LeaseRef> leases(List<dev.fluxgate.v1.LeaseRef> messages) {
    return messages.stream().map(WorkerCodec::lease).toList();
  }

  static Job.Progress progress(Progress message) {
    JobStage stage =
        message.getStage() == dev.fluxgate.v1.JobStage.JOB_STAGE_DECODING
            ? JobStage.DECODING
            : JobStage.DENOISING;
    return new Job.Progress(stage, message.getStep(), message.getTotalSteps());
  }

  static Preview preview(dev.fluxgate.v1.Preview message) {
    ByteString data = message.getData();
    int index = message.getIndex();
    PngHeader expected = new PngHeader(message.getWidth(), message.getHeight());
    require(
        index >= 0 && index < GenerationLimits.MAX_IMAGES,
        "preview.index",
        "index: " + index,
        "0.." + (GenerationLimits.MAX_IMAGES - 1));
    require(
        data.size() <= Preview.MAX_BYTES,
        "preview.data",
        "data: " + data.size() + " bytes",
        "at most " + Preview.MAX_BYTES);
    require(
        message.getMediaType().equals(PNG)
            && PngHeader.read(data).filter(expected::equals).isPresent(),
        "preview.data",
        "data: " + cut(message.getMediaType(), MAX_NAME_CHARS),
        PNG + " of " + expected.width() + " x " + expected.height());
    return new Preview(
        index, message.getStep(), PNG, data, message.getWidth(), message.getHeight());
  }

  /** Why a lease was given back, in the worker's words, of which there may be too many. */
  static Job.JobError error(Nack message) {
    return new Job.JobError(
        cut(message.getDetail(), MAX_NAME_CHARS), cut(message.getMessage(), MAX_MESSAGE_CHARS));
  }

  private static String cut(String text, int maxChars) {
    return text.length() <= maxChars ? text : text.substring(0, maxChars) + "…";
  }

  static NackReason reason(Nack message) {
    return switch (message.getReason()) {
      case NACK_REASON_INVALID -> NackReason.INVALID;
      case NACK_REASON_JOB_SUSPECT -> NackReason.JOB_SUSPECT;
      case NACK_REASON_TOO_LARGE -> NackReason.TOO_LARGE;
      case NACK_REASON_TRANSIENT -> NackReason.TRANSIENT;
      case NACK_REASON_PREEMPTED -> NackReason.PREEMPTED;
      case NACK_REASON_CANCELLED -> NackReason.CANCELLED;
      // A worker that cannot say why it failed is itself suspect.
      case NACK_REASON_WORKER_SUSPECT, NACK_REASON_UNSPECIFIED, UNRECOGNIZED ->
          NackReason.WORKER_SUSPECT;
    };
  }

  /** Holds an announced picture against the job it is for. */
  static void check(StoredImage image, GenerationParameters parameters) {
    require(
        image.index() >= 0 && image.index() < parameters.numImages(),
        "header.image.index",
        "index: " + image.index(),
        "0.." + (parameters.numImages() - 1));
    require(
        image.mediaType().equals(parameters.wish().output().format().mediaType()),
        "header.image.media_type",
        "media_type: " + cut(image.mediaType(), MAX_NAME_CHARS),
        parameters.wish().output().format().mediaType());
    require(
        image.byteSize() >= 1 && image.byteSize() <= MAX_IMAGE_BYTES,
        "header.image.byte_size",
        "byte_size: " + image.byteSize(),
        "1.." + MAX_IMAGE_BYTES);
    require(
        image.sha256().size() == ContentHash.BYTES,
        "header.image.sha256",
        "sha256: " + image.sha256().size() + " bytes",
        "" + ContentHash.BYTES);
    require(
        isSide(image.width(), parameters.width()) && isSide(image.height(), parameters.height()),
        "header.image",
        "size: " + image.width() + " x " + image.height(),
        parameters.width() + " x " + parameters.height());
  }

  /** Where a job leaves a side open, any will do. */
  private static boolean isSide(int side, int asked) {
    return asked == 0 ? side >= 1 && side <= MAX_SIDE : side == asked;
  }

  static AttachResponse welcome(String session, LeaseTimes times) {
    return AttachResponse.newBuilder()
        .setWelcome(
            Welcome.newBuilder()
                .setSession(session)
                .setHeartbeatMillis((int) times.heartbeat().toMillis())
                .setLeaseMillis((int) times.lease().toMillis()))
        .build();
  }

  static AttachResponse assign(Job job, List<Input> inputs, PlanQuestion question, Instant now) {
    Assign.Builder assign =
        Assign.newBuilder()
            .setLease(message(job.leaseRef()))
            .setParameters(ParametersCodec.message(job.parameters()))
            .setDeadlineMillis(
                Math.max(1, Duration.between(now, job.times().deadline()).toMillis()))
            .setTraceId(job.id())
            .setPlan(shapes(question));
    Job.Embeddings embeddings = job.embeddings();
    if (embeddings != null) {
      assign.setPromptEmbeds(message(embeddings.prompt()));
      ifThere(embeddings.negative(), assign::setNegativePromptEmbeds);
      ifThere(embeddings.pooled(), assign::setPooledPromptEmbeds);
      ifThere(embeddings.negativePooled(), assign::setNegativePooledPromptEmbeds);
      if (embeddings.upsampledPrompt() != null) {
        assign.setUpsampledPrompt(embeddings.upsampledPrompt());
      }
    }
    for (Input input : inputs) {
      assign.addInputs(
          InputRef.newBuilder().setSha256(input.ref().sha256()).setByteSize(input.byteSize()));
    }
    return AttachResponse.newBuilder().setAssign(assign).build();
  }

  private static void ifThere(
      @Nullable EmbeddingRef ref, Consumer<dev.fluxgate.v1.EmbeddingRef> setter) {
    if (ref != null) {
      setter.accept(message(ref));
    }
  }

  static AttachResponse cancel(LeaseRef lease) {
    return AttachResponse.newBuilder()
        .setCancel(Cancel.newBuilder().setLease(message(lease)))
        .build();
  }

  static AttachResponse revoke(LeaseRef lease) {
    return AttachResponse.newBuilder()
        .setRevoke(Revoke.newBuilder().setLease(message(lease)))
        .build();
  }

  /** A question, without the words of its prompts, which it does not depend on. */
  static AttachResponse plan(long id, PlanQuestion question) {
    Plan.Builder plan =
        shapes(question)
            .setId(id)
            .setParameters(
                ParametersCodec.message(question.parameters()).toBuilder()
                    .clearPrompt()
                    .clearPrompt2()
                    .clearNegativePrompt()
                    .clearNegativePrompt2());
    return AttachResponse.newBuilder().setPlan(plan).build();
  }

  private static Plan.Builder shapes(PlanQuestion question) {
    Plan.Builder plan =
        Plan.newBuilder()
            .setPromptTokens(question.promptTokens())
            .setNegativePromptTokens(question.negativeTokens());
    question.images().forEach(image -> plan.addImages(size(image)));
    PictureHeader mask = question.mask();
    if (mask != null) {
      plan.setMaskImage(size(mask));
    }
    PictureHeader reference = question.reference();
    if (reference != null) {
      plan.setImageReference(size(reference));
    }
    return plan;
  }

  private static PixelSize size(PictureHeader picture) {
    return PixelSize.newBuilder().setWidth(picture.width()).setHeight(picture.height()).build();
  }

  static PlanAnswer answer(PlanResult message) {
    return new PlanAnswer(
        message.getNeededBytes(),
        message.getAvailableBytes(),
        cut(message.getRefusal(), MAX_MESSAGE_CHARS));
  }

  private static dev.fluxgate.v1.LeaseRef message(LeaseRef lease) {
    return dev.fluxgate.v1.LeaseRef.newBuilder()
        .setJobId(lease.jobId())
        .setEpoch(lease.epoch())
        .build();
  }

  private static dev.fluxgate.v1.EmbeddingRef message(EmbeddingRef ref) {
    return dev.fluxgate.v1.EmbeddingRef.newBuilder()
        .setSha256(ref.sha256())
        .setByteSize(ref.byteSize())
        .build();
  }

  private static void name(String field, String value) {
    require(
        !value.isEmpty() && value.length() <= MAX_NAME_CHARS,
        field,
        field + ": " + value.length() + " characters",
        "1.." + MAX_NAME_CHARS);
  }

  private static void require(boolean holds, String field, String value, String expected) {
    if (!holds) {
      throw new InvalidFieldException(field, value + " (expected: " + expected + ")");
    }
  }
}
