package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.ImageFormat;
import dev.fluxgate.v1.RandDevice;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pictures and tensors that requests bring over HTTP. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpInputsTest {
  private static final ByteString PICTURE = TestPng.of(64, 32, 5_000_000);

  private final GatewayFixture gateway = new GatewayFixture();
  private final HttpUser user = new HttpUser(gateway);

  @AfterEach
  void close() {
    user.close();
    gateway.close();
  }

  @Test
  void namesUploadedAndInlinePicturesInAJob() throws Exception {
    try (FakeWorker worker = FakeWorker.able(gateway.port(), "w")) {
      HttpResponse<String> stored = upload("/v1/inputs", PICTURE);
      assertThat(stored.statusCode()).isEqualTo(201);
      String sha256 = HttpUser.json(stored).path("sha256").asText();
      assertThat(sha256).isEqualTo(hex(PICTURE));
      ByteString small = TestPng.of(16, 16, 100);
      HttpResponse<String> accepted =
          user.post(
              "/v1/jobs",
              """
              {"prompt": "p", "images": [{"sha256": "%s"}, {"data": "%s"}], "strength": 0.5,
               "format": "jpeg", "randDevice": "cuda", "seeds": ["7"], "negativePrompt": "n",
               "trueCfgScale": 2, "prompt2": "q", "sigmas": [1, 0.5], "pipeline": "FluxPipeline"}
              """
                  .formatted(sha256, Base64.getEncoder().encodeToString(small.toByteArray())));
      assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
      JsonNode job = HttpUser.json(accepted);
      Assign assign = worker.nextAssign();

      assertThat(job.path("inputImages").path(0).path("sha256").asText()).isEqualTo(sha256);
      assertThat(job.path("inputImages").path(1).path("sha256").asText()).isEqualTo(hex(small));
      assertThat(job.path("images")).isEmpty();
      assertThat(job.path("format").asText()).isEqualTo("jpeg");
      assertThat(job.path("randDevice").asText()).isEqualTo("cuda");
      assertThat(job.path("prompt2").asText()).isEqualTo("q");
      assertThat(job.path("seeds").path(0).asText()).isEqualTo("7");
      assertThat(assign.getParameters().getFormat()).isEqualTo(ImageFormat.IMAGE_FORMAT_JPEG);
      assertThat(assign.getParameters().getRandDevice()).isEqualTo(RandDevice.RAND_DEVICE_CUDA);
      assertThat(assign.getParameters().getSigmasList()).containsExactly(1f, 0.5f);
      assertThat(assign.getParameters().getTrueCfgScale()).isEqualTo(2);
    }
  }

  @Test
  void takesATensorByItsShape() throws Exception {
    ByteString bytes = ByteString.copyFrom(new byte[4 * 6]);

    HttpResponse<String> stored = upload("/v1/inputs?dtype=F32&shape=2,3", bytes);
    assertThat(stored.statusCode()).as(stored.body()).isEqualTo(201);
    assertThat(HttpUser.json(stored).path("sha256").asText()).hasSize(64).isNotEqualTo(hex(bytes));
    assertThat(upload("/v1/inputs?dtype=F32&shape=2,4", bytes).body())
        .contains("byte_size: 24 (expected: 32 for this shape and pad row)");
    assertThat(upload("/v1/inputs?dtype=I64&shape=3", bytes).body())
        .contains("dtype: I64 (expected: F32, BF16 or F16)");
    assertThat(upload("/v1/inputs?shape=3", bytes).body())
        .contains("dtype: absent (expected: dtype and shape, or neither)");
  }

  @Test
  void refusesWhatCannotBe() throws Exception {
    try (FakeWorker _ = FakeWorker.able(gateway.port(), "w")) {
      assertThat(upload("/v1/inputs", ByteString.copyFromUtf8("GIF89a")).body())
          .contains("image: unknown format (expected: PNG, JPEG or WebP)");
      assertThat(post("\"strength\": 0, \"maskImage\": {\"sha256\": \"" + hex(PICTURE) + "\"}"))
          .contains("strength: 0.0 (expected: above 0, at most 1)")
          .contains("maskImage: without a picture");
      assertThat(post("\"format\": \"gif\""))
          .contains("format: gif (expected: one of jpeg, png, webp)");
      assertThat(post("\"images\": [{}]")).contains("images[0]: empty (expected: sha256, or data)");
      assertThat(post("\"images\": [{\"sha256\": \"abc\"}]"))
          .contains("images[0]: 3 characters (expected: a SHA-256 of 64 hexadecimal digits)");
      assertThat(post("\"latents\": {\"data\": \"AAAA\"}"))
          .contains("latents: data (expected: sha256 of a tensor uploaded before");
    }
  }

  private String post(String fields) throws Exception {
    HttpResponse<String> refused = user.post("/v1/jobs", "{\"prompt\": \"p\", " + fields + "}");
    assertThat(refused.statusCode()).isEqualTo(400);
    return HttpUser.json(refused).path("detail").asText();
  }

  private HttpResponse<String> upload(String path, ByteString bytes) throws Exception {
    return user.send(
        user.request(path)
            .header("content-type", "application/octet-stream")
            .POST(BodyPublishers.ofByteArray(bytes.toByteArray()))
            .build());
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(ContentHash.of(bytes).toByteArray());
  }
}
