package dev.fluxgate.engine.backend;

/**
 * Parameters of a group norm over channels.
 *
 * @param weight (C)
 * @param bias (C)
 * @param groups number of groups; divides C
 * @param eps added to the variance
 */
public record GroupNorm(Weight.Vector weight, Weight.Vector bias, int groups, float eps) {}
