package dev.fluxgate.denoiser.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Masks that are transparent where to paint anew. */
class MaskByOpacityTest {
  private static final int SIDE = 64;
  private static final int CLEAR_WHITE = 0x00ffffff;
  private static final int OPAQUE_WHITE = 0xffffffff;

  @Test
  void areWhiteWhereTheyAreTransparent() throws IOException {
    BufferedImage file = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < SIDE * SIDE; i++) {
      file.setRGB(i % SIDE, i / SIDE, i % SIDE < 10 ? CLEAR_WHITE : OPAQUE_WHITE);
    }

    Picture mask = mask(file);

    assertThat(mask.mode()).isEqualTo(Picture.Mode.GREY);
    for (int i = 0; i < SIDE * SIDE; i++) {
      assertThat(mask.samples()[i]).isEqualTo((byte) (i % SIDE < 10 ? 255 : 0));
    }
  }

  @Test
  void needAnAlphaChannel() {
    BufferedImage file = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    assertThatThrownBy(() -> mask(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "mask_image: no alpha channel (expected: one, transparent where to paint anew)");
  }

  private static Picture mask(BufferedImage file) throws IOException {
    DrawingOptions none = DrawingOptions.NONE;
    DrawingOptions options =
        new DrawingOptions(
            none.pipeline(),
            none.words(),
            new DrawingOptions.Start(null, null, true),
            none.noise(),
            none.output(),
            none.inputs());
    Drawing drawing = new Drawing("", SIDE, SIDE, 1, 1, 7, 1, true, 0, options);
    HostTensor embeds = HostTensor.zeros(DType.F32, Shape.of(1, 1));
    byte[] png = png(file);
    DrawingInputs inputs =
        new DrawingInputs(new DrawingInputs.Text(embeds, null), null, List.of(png), png, png, null);
    return Objects.requireNonNull(
        DrawingRequests.request(drawing, inputs, ModelFamily.FLUX2_KLEIN).pictures().maskImage());
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, "png", bytes)).isTrue();
    return bytes.toByteArray();
  }
}
