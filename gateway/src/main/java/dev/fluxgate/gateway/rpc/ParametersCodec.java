package dev.fluxgate.gateway.rpc;

import dev.fluxgate.gateway.generate.GenerationRequest;
import dev.fluxgate.v1.GenerationParameters;

/** What to draw, as users and workers read it ⇄ values. */
public final class ParametersCodec {
  private ParametersCodec() {}

  /**
   * What is to be drawn.
   *
   * @throws dev.fluxgate.serving.InvalidFieldException for a choice that is none
   */
  public static GenerationRequest request(GenerationParameters message) {
    return new GenerationRequest(
        message.getPrompt(),
        message.hasWidth() ? message.getWidth() : null,
        message.hasHeight() ? message.getHeight() : null,
        message.hasNumInferenceSteps() ? message.getNumInferenceSteps() : null,
        message.hasGuidanceScale() ? message.getGuidanceScale() : null,
        message.hasSeed() ? message.getSeed() : null,
        message.hasNumImages() ? message.getNumImages() : null,
        message.hasMaxSequenceLength() ? message.getMaxSequenceLength() : null,
        message.getTextEncoderOutLayersList(),
        message.getRoundSize(),
        message.getOmitMetadata(),
        message.getModel().isEmpty() ? null : message.getModel(),
        message.getPreviewInterval(),
        WishCodec.wish(message));
  }

  static GenerationParameters message(dev.fluxgate.gateway.job.GenerationParameters parameters) {
    GenerationParameters.Builder message =
        GenerationParameters.newBuilder()
            .setPrompt(parameters.prompt())
            .setNumInferenceSteps(parameters.numInferenceSteps())
            .setGuidanceScale(parameters.guidanceScale())
            .setSeed(parameters.seed())
            .setNumImages(parameters.numImages())
            .setMaxSequenceLength(parameters.maxSequenceLength())
            .addAllTextEncoderOutLayers(parameters.textEncoderOutLayers())
            .setRoundSize(parameters.roundSize())
            .setOmitMetadata(parameters.omitMetadata())
            .setModel(parameters.model())
            .setPreviewInterval(parameters.previewInterval());
    if (parameters.width() > 0) {
      message.setWidth(parameters.width());
    }
    if (parameters.height() > 0) {
      message.setHeight(parameters.height());
    }
    WishCodec.put(parameters.wish(), message);
    return message.build();
  }
}
