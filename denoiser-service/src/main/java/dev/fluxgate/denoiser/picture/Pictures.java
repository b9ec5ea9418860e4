package dev.fluxgate.denoiser.picture;

import java.util.List;

/**
 * What a job came to.
 *
 * @param pictures in order
 * @param denoiseMillis time in the denoising loop
 * @param decodeMillis time from latents to files
 */
public record Pictures(List<EncodedPicture> pictures, long denoiseMillis, long decodeMillis) {
  /** Copies the list. */
  public Pictures {
    pictures = List.copyOf(pictures);
  }
}
