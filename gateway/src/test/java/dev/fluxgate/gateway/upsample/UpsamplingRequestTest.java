package dev.fluxgate.gateway.upsample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpsamplingRequestTest {
  private static final UpsamplingRequest.Picture PICTURE =
      new UpsamplingRequest.Picture("image/webp", ByteString.EMPTY);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "' '  | 0  | 0    | 1    | prompt: blank (expected: some text)",
        "cat  | 11 | 0    | 1    | pictures: 11 (expected: 0..10)",
        "cat  | 0  | -0.1 | 1    | upsampling_temperature: -0.1 (expected: 0..2.0)",
        "cat  | 0  | NaN  | 1    | upsampling_temperature: NaN (expected: 0..2.0)",
        "cat  | 0  | 2.01 | 1    | upsampling_temperature: 2.01 (expected: 0..2.0)",
        "cat  | 0  | 0    | 0    | upsampling_max_new_tokens: 0 (expected: 1..2048)",
        "cat  | 0  | 0    | 2049 | upsampling_max_new_tokens: 2049 (expected: 1..2048)",
      })
  void refusesWhatNobodyCanAnswer(
      String prompt, int pictures, float temperature, int tokens, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new UpsamplingRequest(
                prompt, Collections.nCopies(pictures, PICTURE), temperature, 1, tokens))
        .withMessage(message);
  }

  @Test
  void takesEachLimitItself() {
    assertThat(
            new UpsamplingRequest("cat", Collections.nCopies(10, PICTURE), 2, 1, 2048).pictures())
        .hasSize(10);
    assertThat(new UpsamplingRequest("cat", List.of(), 0, 1, 1).maxNewTokens()).isOne();
  }

  @Test
  void refusesFilesThatAreNoPictures() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UpsamplingRequest.Picture("image/gif", ByteString.EMPTY))
        .withMessage("media type: image/gif (expected: image/png, image/jpeg or image/webp)");
  }

  @Test
  void keepsPromptsOutOfLogs() {
    assertThat(UpsamplingRequest.of("a secret cat", List.of(PICTURE), 1).toString())
        .doesNotContain("secret")
        .isEqualTo("12 characters, 1 pictures, temperature 0.15");
    assertThat(new UpsampledPrompt("a secret cat", "m", 7, true).toString())
        .isEqualTo("7 tokens by m, cut short");
    assertThat(new UpsampledPrompt("a secret cat", "m", 7, false).toString())
        .isEqualTo("7 tokens by m");
  }

  @Test
  void keepsItsPicturesWhateverBecomesOfTheList() {
    List<UpsamplingRequest.Picture> pictures = new ArrayList<>(List.of(PICTURE));
    UpsamplingRequest request = UpsamplingRequest.of("cat", pictures, 1);

    pictures.clear();

    assertThat(request.pictures()).containsExactly(PICTURE);
  }
}
