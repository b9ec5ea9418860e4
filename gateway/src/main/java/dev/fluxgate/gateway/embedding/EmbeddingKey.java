package dev.fluxgate.gateway.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fluxgate.proto.tensor.ContentHash;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Names an embedding before it is made: SHA-256 over everything that changes it, each part preceded
 * by its length so that no two lists of parts run together. The prompt enters as its exact UTF-8
 * bytes; two spellings that look alike are two prompts.
 *
 * @param sha256 in hexadecimal
 */
public record EmbeddingKey(String sha256) {

  /**
   * The key of a prompt.
   *
   * @param salt of the tenant, where tenants must not learn from timing what others ask; else empty
   */
  public static EmbeddingKey of(EncoderDescription encoder, PromptSpec spec, String salt) {
    MessageDigest digest = ContentHash.sha256();
    EncoderDescription.Identity identity = encoder.identity();
    put(digest, "embedding-key-v2");
    put(digest, identity.modelHash());
    put(digest, identity.tokenizerHash());
    put(digest, identity.templateVersion());
    put(digest, identity.dtype());
    put(digest, identity.quantization());
    put(digest, Integer.toString(spec.maxSequenceLength()));
    put(digest, spec.outputLayers().toString());
    put(digest, salt);
    put(digest, Boolean.toString(spec.pooled()));
    put(digest, spec.prompt());
    // The same one told twice is the same as told once.
    put(digest, spec.prompt2() == null ? spec.prompt() : spec.prompt2());
    return new EmbeddingKey(HexFormat.of().formatHex(digest.digest()));
  }

  private static void put(MessageDigest digest, String part) {
    byte[] bytes = part.getBytes(UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    digest.update(bytes);
  }
}
