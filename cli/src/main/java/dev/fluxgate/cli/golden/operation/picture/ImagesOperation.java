package dev.fluxgate.cli.golden.operation.picture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.cli.golden.GoldenCaseException;
import dev.fluxgate.cli.golden.GoldenTensor;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.prepare.ReferencePicture;
import dev.fluxgate.image.prepare.VisionSize;
import dev.fluxgate.image.resample.PassOrder;
import dev.fluxgate.image.resample.ResampleFilter;
import dev.fluxgate.image.resample.Resampler;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Pictures in other sizes. */
public final class ImagesOperation {
  private static final String EXPECTED = "expected.json";
  private static final String HORIZONTAL_FIRST = ".horizontal_first";

  /** File, filter, width and height in the name of an output. */
  private static final Pattern RESIZED = Pattern.compile("out\\.(\\w+)\\.(\\w+)\\.(\\d+)x(\\d+)");

  private ImagesOperation() {}

  /** Every mode, filter and size; both orders of the passes where the case knows of two. */
  public static void resize(CaseRun run) {
    for (GoldenTensor tensor : run.golden().tensors()) {
      String name = tensor.name();
      Matcher resized = RESIZED.matcher(name.replace(HORIZONTAL_FIRST, ""));
      if (name.endsWith(".as_rgb")) {
        String file = name.substring("out.".length(), name.lastIndexOf('.'));
        Picture picture = PictureFiles.read(run, file + ".png");
        run.put(file + ".as_rgb", PictureFiles.levels(picture.toRgb()));
      } else if (resized.matches()) {
        Picture picture = PictureFiles.read(run, resized.group(1) + ".png");
        int width = Integer.parseInt(resized.group(3));
        int height = Integer.parseInt(resized.group(4));
        boolean newest = run.golden().tensor(name + HORIZONTAL_FIRST) != null;
        PassOrder order = newest ? PassOrder.LESS_WORK_FIRST : PassOrder.HORIZONTAL_FIRST;
        Picture ours = resized(picture, width, height, resized.group(2), order);
        run.put(name.substring("out.".length()), PictureFiles.samples(ours));
      } else {
        throw new GoldenCaseException(name + " (expected: file, filter and size)");
      }
    }
  }

  private static Picture resized(
      Picture picture, int width, int height, String filter, PassOrder order) {
    return filter.equals("nearest")
        ? Resampler.nearest(picture, width, height)
        : Resampler.resize(
            picture, width, height, ResampleFilter.valueOf(filter.toUpperCase(Locale.ROOT)), order);
  }

  /** Scaled down to an area: sizes, and the hash of the levels. */
  public static void capArea(CaseRun run) throws IOException {
    JsonNode expected = run.golden().document(EXPECTED);
    for (JsonNode row : expected.path("resized")) {
      Picture source = PictureFiles.read(run, row.path("source").asText());
      int area = row.path("area").intValue();
      Picture ours = ReferencePicture.capArea(source, area);
      String hash = sha256(ours.toRgb().rgb());
      boolean same = hash.equals(row.path("sha256_rgb").asText());
      String subject = row.path("source").asText() + " to " + area;
      run.judge(subject, "file", same ? "" : ours + ", hash " + hash + " (expected: " + row + ")");
    }
    for (JsonNode row : expected.path("sizes_for_1024x1024")) {
      int width = row.path("width").intValue();
      int height = row.path("height").intValue();
      ReferencePicture.Size ours =
          ReferencePicture.cappedSize(width, height, ReferencePicture.MAX_AREA);
      String theirs = row.path("capped").toString();
      boolean same = theirs.equals("[" + ours.width() + "," + ours.height() + "]");
      run.judge(width + " x " + height, "json", same ? "" : ours + " (expected: " + theirs + ")");
    }
  }

  /** Which sizes are refused as references. */
  public static void check(CaseRun run) throws IOException {
    for (JsonNode row : run.golden().document(EXPECTED)) {
      int width = row.path("size").get(0).intValue();
      int height = row.path("size").get(1).intValue();
      String refusal = "";
      try {
        ReferencePicture.check("picture", width, height);
      } catch (IllegalArgumentException refused) {
        refusal = String.valueOf(refused.getMessage());
      }
      boolean same = refusal.isEmpty() == row.path("accepted").asBoolean();
      String complaint = refusal.isEmpty() ? "accepted" : "refused: " + refusal;
      run.judge(width + " x " + height, "json", same ? "" : complaint);
    }
  }

  /** Sizes that the vision encoder looks at. */
  public static void visionSizes(CaseRun run) throws IOException {
    for (JsonNode row : run.golden().document(EXPECTED)) {
      int width = row.path("width").intValue();
      int height = row.path("height").intValue();
      VisionSize ours = VisionSize.of(width, height, 1540, 28);
      VisionSize theirs =
          new VisionSize(row.path("out_width").intValue(), row.path("out_height").intValue());
      boolean same = ours.equals(theirs);
      run.judge(width + " x " + height, "json", same ? "" : ours + " (expected: " + theirs + ")");
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
