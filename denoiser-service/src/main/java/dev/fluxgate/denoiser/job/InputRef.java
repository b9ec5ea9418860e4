package dev.fluxgate.denoiser.job;

/**
 * A picture's file, by content.
 *
 * @param sha256 hash of the file, in hexadecimal
 */
public record InputRef(String sha256) {}
