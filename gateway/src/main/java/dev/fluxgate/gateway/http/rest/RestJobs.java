package dev.fluxgate.gateway.http.rest;

import dev.fluxgate.gateway.event.Preview;
import dev.fluxgate.gateway.generate.ModelStatus;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.rpc.JobCodec;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.JobTimings;
import dev.fluxgate.v1.RestImage;
import dev.fluxgate.v1.RestJob;
import dev.fluxgate.v1.RestModel;
import dev.fluxgate.v1.RestPreview;
import dev.fluxgate.v1.RestTimings;
import java.util.HexFormat;

/** Jobs as the protocol has them ⇄ jobs as JSON has them. */
final class RestJobs {
  private RestJobs() {}

  static RestJob message(Job job) {
    dev.fluxgate.v1.Job message = JobCodec.message(job);
    RestJob.Builder rest = RestJob.newBuilder();
    RestParameters.put(message.getParameters(), rest);
    FlatFields.copy(message, rest);
    rest.clearImages();
    rest.setState(job.state().name())
        .setStage(job.state().isEnd() ? "" : job.progress().stage().name())
        .setSequence(Math.toIntExact(job.sequence()))
        .setTimings(timings(message.getTimings()));
    message.getImagesList().forEach(image -> rest.addImages(image(job.id(), image)));
    return rest.build();
  }

  private static RestTimings timings(JobTimings timings) {
    return RestTimings.newBuilder()
        .setEncodeMillis(Math.clamp(timings.getEncodeMillis(), 0, Integer.MAX_VALUE))
        .setWaitMillis(Math.clamp(timings.getWaitMillis(), 0, Integer.MAX_VALUE))
        .setDenoiseMillis(Math.clamp(timings.getDenoiseMillis(), 0, Integer.MAX_VALUE))
        .setDecodeMillis(Math.clamp(timings.getDecodeMillis(), 0, Integer.MAX_VALUE))
        .build();
  }

  private static RestImage image(String jobId, ImageInfo image) {
    RestImage.Builder rest = RestImage.newBuilder();
    FlatFields.copy(image, rest);
    return rest.setUrl(imagePath(jobId, image.getIndex()))
        .setByteSize(Math.toIntExact(image.getByteSize()))
        .setSha256(HexFormat.of().formatHex(image.getSha256().toByteArray()))
        .build();
  }

  static String imagePath(String jobId, int index) {
    return "/v1/jobs/" + jobId + "/images/" + index;
  }

  static RestPreview message(Preview preview) {
    RestPreview.Builder rest = RestPreview.newBuilder();
    FlatFields.copy(JobCodec.message(preview), rest);
    return rest.build();
  }

  /**
   * A model in the shape of OpenAI's.
   *
   * @param created seconds since 1970
   */
  static RestModel message(ModelStatus status, long created) {
    RestModel.Builder rest = RestModel.newBuilder();
    FlatFields.copy(JobCodec.message(status), rest);
    return rest.setObject("model")
        .setCreated((int) created)
        .setOwnedBy("fluxgate")
        .setMaxPixels((int) Math.min(Integer.MAX_VALUE, status.model().maxPixels()))
        .build();
  }
}
