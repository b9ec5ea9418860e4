package dev.fluxgate.denoiser.reference;

import dev.fluxgate.denoiser.vae.tile.Tiling;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Latents of pictures that one model has encoded, by the content of their pixels: whoever sends a
 * picture again pays for no VAE. The least recently used go first. Not for use by several threads
 * at once.
 */
public final class LatentCache {
  private final long maxBytes;
  private final Map<String, HostTensor> latents = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /** Keeps at most {@code maxBytes} of latents. */
  public LatentCache(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * The latents of {@code pixels}, encoded only if they are not kept.
   *
   * @param tiling how the picture is cut: other tiles give other latents
   * @param encode pixels → latents of this model
   */
  public HostTensor of(HostTensor pixels, Tiling tiling, UnaryOperator<HostTensor> encode) {
    String key = key(pixels) + " " + tiling;
    HostTensor kept = latents.get(key);
    if (kept != null) {
      return kept;
    }
    HostTensor made = encode.apply(pixels);
    keep(key, made);
    return made;
  }

  /** Bytes of the latents that are kept. */
  public long bytes() {
    return bytes;
  }

  private void keep(String key, HostTensor made) {
    long size = made.data().byteSize();
    if (size > maxBytes) {
      return;
    }
    latents.put(key, made);
    bytes += size;
    Iterator<HostTensor> oldest = latents.values().iterator();
    while (bytes > maxBytes) {
      bytes -= oldest.next().data().byteSize();
      oldest.remove();
    }
  }

  /** The shape belongs to the content: the same bytes may be a wide or a high picture. */
  private static String key(HostTensor pixels) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(pixels.data().asByteBuffer());
      Shape shape = pixels.shape();
      return HexFormat.of().formatHex(digest.digest()) + " " + pixels.dtype() + " " + shape;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: missing (expected: on every Java platform)", e);
    }
  }
}
