package dev.fluxgate.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.image.decode.DecodeLimits;
import dev.fluxgate.image.decode.PictureDecoder;
import dev.fluxgate.v1.GenerationParameters;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** OpenAI's call for edits, from a form to a picture. */
class OpenAiEditTest {
  private static final int OPAQUE = 255;

  @Test
  void paintsWhereTheMaskIsTransparentAsOtherwiseWhereItIsWhite() throws Exception {
    PipelineCase golden = PipelineCase.of("flux1_dev_inpaint");
    Path folder = golden.golden().folder();
    try (SplitSystem system = SplitSystem.start(golden.model(), DType.F32)) {
      GenerationParameters asked =
          GenerationParameters.newBuilder()
              .setPrompt("a lighthouse")
              .setWidth(64)
              .setHeight(80)
              .setSeed(7)
              .setNumInferenceSteps(2)
              .setGuidanceScale(1)
              .addImages(system.upload(folder.resolve("image.png")))
              .setMaskImage(system.upload(folder.resolve("mask_image.png")))
              .build();
      PngFile expected = system.picture(system.run(asked), 0);

      JsonNode answer =
          edit(
              system,
              Files.readAllBytes(folder.resolve("image.png")),
              transparentWhereWhite(folder.resolve("mask_image.png")));

      byte[] file =
          Base64.getDecoder().decode(answer.path("data").path(0).path("b64_json").asText());
      assertThat(PngFile.decode("answer", file).image()).isEqualTo(expected.image());
    }
  }

  private static byte[] transparentWhereWhite(Path mask) throws IOException {
    Picture grey =
        PictureDecoder.decode("mask", Files.readAllBytes(mask), DecodeLimits.DEFAULT).toGrey();
    BufferedImage image =
        new BufferedImage(grey.width(), grey.height(), BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < grey.samples().length; i++) {
      int opacity = OPAQUE - Byte.toUnsignedInt(grey.samples()[i]);
      image.setRGB(i % grey.width(), i / grey.width(), opacity << 24);
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, "png", png)).isTrue();
    return png.toByteArray();
  }

  private static JsonNode edit(SplitSystem system, byte[] image, byte[] mask)
      throws IOException, InterruptedException {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    part(form, "prompt", "a lighthouse".getBytes(StandardCharsets.UTF_8));
    part(form, "size", "64x80".getBytes(StandardCharsets.UTF_8));
    part(form, "seed", "7".getBytes(StandardCharsets.UTF_8));
    part(form, "steps", "2".getBytes(StandardCharsets.UTF_8));
    part(form, "guidance", "1".getBytes(StandardCharsets.UTF_8));
    part(form, "image", image);
    part(form, "mask", mask);
    form.writeBytes("--b--\r\n".getBytes(StandardCharsets.UTF_8));
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(system.http() + "/v1/images/edits"))
                  .header("content-type", "multipart/form-data; boundary=b")
                  .POST(BodyPublishers.ofByteArray(form.toByteArray()))
                  .build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return new ObjectMapper().readTree(response.body());
    }
  }

  private static void part(ByteArrayOutputStream form, String name, byte[] content) {
    String head = "--b\r\ncontent-disposition: form-data; name=\"" + name + "\"\r\n\r\n";
    form.writeBytes(head.getBytes(StandardCharsets.UTF_8));
    form.writeBytes(content);
    form.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
  }
}
