package dev.fluxgate.cli.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.image.MalformedImageException;
import dev.fluxgate.image.PngWriter;
import dev.fluxgate.image.RgbImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewScreenTest {
  /** Red and green above blue and white. */
  private static final RgbImage FOUR =
      new RgbImage(2, 2, new byte[] {-1, 0, 0, 0, -1, 0, 0, 0, -1, -1, -1, -1});

  private static final byte[] PNG = PngWriter.encode(FOUR, Map.of());

  @TempDir private Path folder;

  @Test
  void drawsTwoPixelsACharacter() {
    List<String> rows = HalfBlocks.rows(FOUR);

    assertThat(rows).hasSize(20);
    String red = "\u001b[38;2;255;0;0m\u001b[48;2;255;0;0m▀";
    String green = "\u001b[38;2;0;255;0m\u001b[48;2;0;255;0m▀";
    assertThat(rows.getFirst()).isEqualTo(red.repeat(20) + green.repeat(20) + "\u001b[0m");
    assertThat(rows.get(10)).startsWith("\u001b[38;2;0;0;255m\u001b[48;2;0;0;255m▀");
  }

  @Test
  void averagesWhatDoesNotFitAndKeepsTheShape() {
    RgbImage stripes = new RgbImage(80, 20, new byte[80 * 20 * 3]);
    for (int i = 0; i < 80 * 20; i += 2) {
      stripes.rgb()[3 * i] = 100;
    }

    List<String> rows = HalfBlocks.rows(stripes);

    assertThat(rows).hasSize(5);
    assertThat(rows.getFirst().split("▀", -1)).hasSize(41);
    assertThat(rows.getFirst()).startsWith("\u001b[38;2;50;0;0m");
    assertThat(HalfBlocks.rows(new RgbImage(1, 1000, new byte[3000])).getFirst())
        .containsOnlyOnce("▀");
  }

  @Test
  void redrawsAboveTheBarInPlace() {
    StringWriter terminal = new StringWriter();
    Progress progress = Progress.on(new PrintWriter(terminal), true, false);
    PreviewScreen screen = PreviewScreen.above(progress);

    progress.step(1, 2);
    screen.show(0, PNG);
    screen.show(0, PNG);

    assertThat(terminal.toString().split("▀", -1)).hasSize(2 * 20 * 40 + 1);
    assertThat(terminal.toString()).containsOnlyOnce("\u001b[20A").endsWith("] 1/2");
    screen.clear(0);
    progress.close();
    screen.show(0, PNG);
    assertThat(terminal.toString().split("▀", -1)).hasSize(2 * 20 * 40 + 1);
  }

  @Test
  void keepsOneFileBesideThePicture() {
    PictureNames names = PictureNames.of(folder.resolve("a.png"), ".png", "a", 2);
    PreviewScreen screen = PreviewScreen.beside(names);

    screen.show(1, PNG);
    screen.show(1, PNG);
    assertThat(folder.resolve("a-1-preview.png")).hasBinaryContent(PNG);
    assertThat(folder.toFile().list()).hasSize(1);

    screen.clear(0);
    screen.clear(1);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void showsNothingThatIsNoPicture() {
    PreviewScreen screen =
        PreviewScreen.beside(PictureNames.of(folder.resolve("a.png"), ".png", "a", 1));

    assertThatExceptionOfType(MalformedImageException.class)
        .isThrownBy(() -> screen.show(0, new byte[] {1, 2, 3}));
    assertThat(folder).isEmptyDirectory();
  }
}
