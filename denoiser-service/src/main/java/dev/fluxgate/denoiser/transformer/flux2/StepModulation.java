package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.denoiser.transformer.Modulation;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Everything that the blocks need of the time of one step; all blocks of a kind share it.
 *
 * @param imageAttention attention branch of the image stream of double blocks
 * @param imageMlp MLP branch of the image stream of double blocks
 * @param textAttention attention branch of the text stream of double blocks
 * @param textMlp MLP branch of the text stream of double blocks
 * @param single single blocks
 * @param finalShift (1, D), final layer
 * @param finalScale (1, D), final layer
 */
public record StepModulation(
    Modulation imageAttention,
    Modulation imageMlp,
    Modulation textAttention,
    Modulation textMlp,
    Modulation single,
    Tensor finalShift,
    Tensor finalScale) {}
