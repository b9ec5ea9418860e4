package dev.fluxgate.gateway.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.TestPng;
import dev.fluxgate.serving.InvalidFieldException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureHeaderTest {
  @Test
  void readsThePngHeader() {
    assertThat(PictureHeader.read(TestPng.of(640, 480, 100)))
        .isEqualTo(new PictureHeader("image/png", 640, 480));
  }

  @ParameterizedTest
  @CsvSource({
    // SOI, APP0 of 4 bytes, SOF0 of 32 x 64.
    "ffd8 ffe00004aaaa ffc0000b08 0020 0040 01 011100, image/jpeg, 64, 32",
    // The same as progressive, behind a fill byte.
    "ffd8 ff ffc2000b08 0020 0040 01 011100, image/jpeg, 64, 32",
    "52494646 00000000 57454250 56503858 0a000000 00000000 3f0000 1f0000, image/webp, 64, 32",
    "52494646 00000000 57454250 5650384c 05000000 2f 3fc00700, image/webp, 64, 32",
    "52494646 00000000 57454250 56503820 0a000000 000000 9d012a 4000 2000, image/webp, 64, 32"
  })
  void readsOtherHeaders(String hex, String mediaType, int width, int height) {
    assertThat(PictureHeader.read(bytes(hex)))
        .isEqualTo(new PictureHeader(mediaType, width, height));
  }

  @ParameterizedTest
  @CsvSource({
    "474946383961, unknown format",
    "'', unknown format",
    "ffd8 ffe00004, truncated at 6 bytes",
    "ffd8 ffda0004, no frame header",
    "89504e470d0a1a0a 0000000d 49484452 00000010, truncated at 20 bytes",
    "52494646 00000000 57454250 56503858 0a000000 02000000 3f0000 1f0000, animated WebP",
    "52494646 00000000 57454250 56503858 0a000000 00000000 ffffff ffffff, 16777216 x 16777216"
  })
  void refusesWhatItCannotTake(String hex, String why) {
    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> PictureHeader.read(bytes(hex)))
        .withMessageContaining(why)
        .withMessageContaining("(expected:");
  }

  @Test
  void refusesAnAnimatedPng() {
    ByteString png = TestPng.of(16, 16, 100);
    ByteString animation = bytes("00000008 6163544c 00000002 00000000 00000000");

    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() ->
            PictureHeader.read(png.substring(0, 33).concat(animation).concat(png.substring(33))))
        .withMessage("image: animated PNG (expected: one frame)");
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex.replace(" ", "")));
  }
}
