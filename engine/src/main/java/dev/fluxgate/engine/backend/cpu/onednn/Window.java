package dev.fluxgate.engine.backend.cpu.onednn;

/**
 * How a filter moves over a picture, in pixels.
 *
 * @param stride step in both directions
 * @param top rows of zeros above
 * @param left columns of zeros to the left
 * @param bottom rows of zeros below
 * @param right columns of zeros to the right
 */
public record Window(int stride, int top, int left, int bottom, int right) {}
