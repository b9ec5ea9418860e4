package dev.fluxgate.gateway.http.openai;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.route.FormFile;
import dev.fluxgate.gateway.http.route.Operation;
import dev.fluxgate.gateway.input.InputReceiver;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.serving.InvalidFieldException.Violation;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.InputImage;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of an edit. OpenAI's masks are transparent where to paint anew, and belong to the first
 * picture; one more picture beside a mask is looked at.
 *
 * @param images files of the pictures, in order
 * @param mask file of the mask; null: none
 */
record OpenAiEdit(List<ByteString> images, @Nullable ByteString mask) {
  private static final String IMAGE = "image";
  private static final String MASK = "mask";
  private static final int MAX_IMAGES = 10;

  /** What its files are called. */
  static final Set<String> NAMES = Set.of(IMAGE, MASK);

  /** What its files are. */
  static final List<Operation.File> FILES =
      List.of(
          new Operation.File(
              IMAGE,
              true,
              true,
              "PNG, JPEG or WebP, 1..10: references in order, or the one to start from; beside a mask"
                  + " the one to paint into, and perhaps one to look at. Also called image[]."),
          new Operation.File(
              MASK,
              false,
              false,
              "PNG or WebP of the first picture's size, with an alpha channel: transparent where to"
                  + " paint anew."));

  /**
   * Of a form.
   *
   * @throws HttpFailureException for no picture, too many, or several masks
   */
  static OpenAiEdit of(List<FormFile> files) {
    List<ByteString> images = named(IMAGE, files);
    List<ByteString> masks = named(MASK, files);
    require(!images.isEmpty(), IMAGE, "absent", "1.." + MAX_IMAGES + " pictures");
    require(masks.size() <= 1, MASK, masks.size() + " pictures", "one, or none");
    int most = masks.isEmpty() ? MAX_IMAGES : 2;
    require(
        images.size() <= most,
        IMAGE,
        images.size() + " pictures",
        "1.." + most + (masks.isEmpty() ? "" : " beside a mask"));
    return new OpenAiEdit(images, masks.isEmpty() ? null : masks.getFirst());
  }

  private static List<ByteString> named(String name, List<FormFile> files) {
    return files.stream().filter(file -> file.name().equals(name)).map(FormFile::bytes).toList();
  }

  private static void require(boolean holds, String field, String value, String expected) {
    if (!holds) {
      throw HttpFailureException.invalid(field, value, expected);
    }
  }

  /**
   * Stores the pictures; {@code wish} with them.
   *
   * @throws InvalidFieldException if a file is no picture that can be taken
   */
  GenerationParameters store(InputStore inputs, GenerationParameters wish) {
    GenerationParameters.Builder parameters = wish.toBuilder();
    for (int i = 0; i < images.size(); i++) {
      InputImage image = store(IMAGE + "[" + i + "]", images.get(i), inputs);
      if (mask != null && i > 0) {
        parameters.setImageReference(image);
      } else {
        parameters.addImages(image);
      }
    }
    if (mask != null) {
      parameters.setMaskImage(store(MASK, mask, inputs)).setMaskByOpacity(true);
    }
    return parameters.build();
  }

  private static InputImage store(String field, ByteString file, InputStore inputs) {
    InputReceiver.Received received;
    try {
      received = InputReceiver.picture(file.size(), null, inputs.maxInputBytes()).all(file);
    } catch (InvalidFieldException e) {
      throw new InvalidFieldException(
          e.violations().stream().map(each -> renamed(each, field)).toList());
    }
    inputs.put(received.input(), received.bytes());
    return InputImage.newBuilder().setSha256(received.input().ref().sha256()).build();
  }

  /** What is wrong with a file is told of "image" or of its header. */
  private static Violation renamed(Violation violation, String field) {
    String why = violation.description();
    return new Violation(field, field + why.substring(Math.max(0, why.indexOf(':'))));
  }
}
