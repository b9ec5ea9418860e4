package dev.fluxgate.cli.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.cli.failure.RequestRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureNamesTest {
  @TempDir private Path folder;

  @Test
  void keepsTheNameOfASinglePicture() {
    assertThat(PictureNames.of(Path.of("x/circle.PNG"), ".png", "p", 1).file(0))
        .isEqualTo(Path.of("x/circle.PNG"));
  }

  @Test
  void numbersSeveralPictures() {
    PictureNames names = PictureNames.of(Path.of("out.png"), ".png", "p", 2);

    assertThat(names.file(0)).isEqualTo(Path.of("out-0.png"));
    assertThat(names.file(1)).isEqualTo(Path.of("out-1.png"));
  }

  @Test
  void takesTheWordsOfThePromptForAFolder() {
    assertThat(PictureNames.of(folder, ".png", "A red  circle, on white!", 1).file(0))
        .isEqualTo(folder.resolve("a-red-circle-on-white.png"));
  }

  @Test
  void keepsLettersOfEveryScript() {
    assertThat(PictureNames.of(folder, ".png", "Größere Vögel über 東京 🐦", 1).file(0).getFileName())
        .hasToString("größere-vögel-über-東京.png");
  }

  @Test
  void namesAPictureWithoutWords() {
    assertThat(PictureNames.of(folder, ".png", "🐦 ?!", 1).file(0))
        .isEqualTo(folder.resolve("picture.png"));
  }

  @Test
  void overwritesNothingThatItNamesItself() throws IOException {
    Files.createFile(folder.resolve("a.png"));
    Files.createFile(folder.resolve("b-1.png"));

    assertThat(PictureNames.of(folder, ".png", "a", 1).file(0))
        .isEqualTo(folder.resolve("a-2.png"));
    assertThat(PictureNames.of(folder, ".png", "b", 2).file(1))
        .isEqualTo(folder.resolve("b-2-1.png"));
  }

  @Test
  void shortensALongPrompt() {
    assertThat(PictureNames.of(folder, ".png", "word ".repeat(1000), 1).stem().length())
        .isBetween(1, 60);
  }

  @Test
  void takesEitherEndingOfAJpeg() {
    assertThat(PictureNames.of(Path.of("x/a.JPEG"), ".jpg", "p", 2).file(1))
        .isEqualTo(Path.of("x/a-1.JPEG"));
    assertThat(PictureNames.of(Path.of("a.jpg"), ".jpg", "p", 1).file(0))
        .isEqualTo(Path.of("a.jpg"));
    assertThatThrownBy(() -> PictureNames.of(Path.of("a.jpeg"), ".png", "p", 1))
        .isInstanceOf(RequestRefusedException.class);
  }

  @Test
  void refusesANameThatIsItsEndingAlone() {
    assertThatThrownBy(() -> PictureNames.of(Path.of("x/.png"), ".png", "p", 1))
        .isInstanceOf(RequestRefusedException.class)
        .hasMessage("--out: x/.png (expected: a name ending in .png)");
  }

  @Test
  void namesAPreviewAfterItsPicture() {
    assertThat(PictureNames.of(Path.of("x/a.webp"), ".webp", "p", 1).preview(0))
        .isEqualTo(Path.of("x/a-preview.png"));
    assertThat(PictureNames.of(Path.of("a.png"), ".png", "p", 2).preview(1))
        .isEqualTo(Path.of("a-1-preview.png"));
  }

  @Test
  void endsFilesByTheirType() {
    assertThat(PictureNames.extension("image/png")).isEqualTo(".png");
    assertThat(PictureNames.extension("image/jpeg")).isEqualTo(".jpg");
    assertThat(PictureNames.extension("image/webp")).isEqualTo(".webp");
    assertThat(PictureNames.extension("application/vnd.safetensors")).isEqualTo(".safetensors");
    assertThat(PictureNames.extension("text/html")).isEqualTo(".bin");
  }

  @Test
  void refusesOtherFormats() {
    assertThatThrownBy(() -> PictureNames.of(Path.of("a.jpg"), ".png", "p", 1))
        .isInstanceOf(RequestRefusedException.class)
        .hasMessage("--out: a.jpg (expected: a name ending in .png)");
  }
}
