package dev.fluxgate.cli.golden.operation.picture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.decode.DecodeLimits;
import dev.fluxgate.image.decode.PictureDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Pictures of a case, and ours as tensors. */
final class PictureFiles {
  private PictureFiles() {}

  static Picture read(CaseRun run, String file) {
    Path path = run.golden().folder().resolve(file);
    try {
      return PictureDecoder.decode(file, Files.readAllBytes(path), DecodeLimits.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException(path.toString(), e);
    }
  }

  /** Names of the PNG files that a case lists as inputs, in order. */
  static List<String> inputs(CaseRun run) throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonNode file : run.golden().document("case.json").path("files")) {
      if (file.path("role").asText().equals("input")) {
        names.add(file.path("file").asText());
      }
    }
    return names;
  }

  /** (H, W, 3), uint8. */
  static HostTensor levels(RgbImage image) {
    return tensor(Shape.of(image.height(), image.width(), RgbImage.CHANNELS), image.rgb());
  }

  /** (H, W, C), uint8, or (H, W) for one channel; bilevel pictures are 0 and 1. */
  static HostTensor samples(Picture picture) {
    int channels = picture.mode().channels();
    byte[] samples = picture.samples();
    if (picture.mode() == Picture.Mode.BILEVEL) {
      samples = samples.clone();
      for (int i = 0; i < samples.length; i++) {
        samples[i] &= 1;
      }
    }
    Shape shape =
        channels == 1
            ? Shape.of(picture.height(), picture.width())
            : Shape.of(picture.height(), picture.width(), channels);
    return tensor(shape, samples);
  }

  private static HostTensor tensor(Shape shape, byte[] bytes) {
    return new HostTensor(DType.U8, shape, MemorySegment.ofArray(bytes));
  }
}
