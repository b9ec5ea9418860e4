package dev.fluxgate.engine.backend;

/**
 * RMS norm over the features of each head.
 *
 * @param weight (headDim)
 * @param eps added to the mean of squares
 */
public record HeadNorm(Weight.Vector weight, float eps) {}
