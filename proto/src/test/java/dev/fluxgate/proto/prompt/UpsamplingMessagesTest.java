package dev.fluxgate.proto.prompt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class UpsamplingMessagesTest {

  @Test
  void theMessagesAreTheAuthorsOwnByteForByte() throws NoSuchAlgorithmException {
    assertThat(UpsamplingMessages.of(false).getBytes(UTF_8)).hasSize(770);
    assertThat(sha256(UpsamplingMessages.of(false)))
        .isEqualTo("0ad9a42c565716b0a8eb82a442dd4f6cc82d583eb3474f82ccb610c1a29233c7");
    assertThat(UpsamplingMessages.of(true).getBytes(UTF_8)).hasSize(627);
    assertThat(sha256(UpsamplingMessages.of(true)))
        .isEqualTo("1233bb94dcc251f85d676ffb27b6da74107e9af11b0e82041eac66a66717d772");
  }

  private static String sha256(String text) throws NoSuchAlgorithmException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
  }
}
