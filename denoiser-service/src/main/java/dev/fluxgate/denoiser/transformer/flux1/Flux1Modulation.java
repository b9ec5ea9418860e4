package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.denoiser.transformer.Modulation;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/**
 * Everything that the blocks need of the time and the pooled embed of one sequence at one step.
 *
 * @param doubleBlocks one a double block
 * @param singleBlocks one a single block
 * @param finalShift (1, D), final layer
 * @param finalScale (1, D), final layer
 */
public record Flux1Modulation(
    List<DoubleBlock> doubleBlocks,
    List<Modulation> singleBlocks,
    Tensor finalShift,
    Tensor finalScale) {

  /**
   * Modulations of a double block.
   *
   * @param image of the image stream
   * @param text of the text stream
   */
  record DoubleBlock(Stream image, Stream text) {}

  /**
   * Modulations of one stream.
   *
   * @param attention attention branch
   * @param mlp MLP branch
   */
  record Stream(Modulation attention, Modulation mlp) {}
}
