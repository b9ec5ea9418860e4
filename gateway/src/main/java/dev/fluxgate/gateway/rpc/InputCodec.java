package dev.fluxgate.gateway.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.input.Input;
import dev.fluxgate.gateway.input.InputCorruptException;
import dev.fluxgate.gateway.input.InputReceiver;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.InlineTensor;
import dev.fluxgate.v1.InputHeader;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.InputImageHeader;
import dev.fluxgate.v1.InputTensor;
import dev.fluxgate.v1.UploadInputResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Inputs as they travel ⇄ inputs in the store. */
public final class InputCodec {
  /** Most bytes of what a request brings inline, over all inputs. */
  public static final int MAX_INLINE_BYTES = 2 << 20;

  private InputCodec() {}

  /** Begins an upload. */
  static InputReceiver receiver(InputHeader header, InputStore inputs) {
    return switch (header.getKindCase()) {
      case IMAGE ->
          InputReceiver.picture(
              header.getImage().getByteSize(),
              header.getImage().getSha256(),
              inputs.maxInputBytes());
      case TENSOR -> InputReceiver.tensor(header.getTensor(), inputs.maxInputBytes());
      case KIND_NOT_SET ->
          throw new InvalidFieldException("header.kind", "kind: none (expected: IMAGE or TENSOR)");
    };
  }

  /** What an input says it is. */
  static InputHeader header(Input input) {
    return switch (input.spec()) {
      case Input.Picture(_, var sha256) ->
          InputHeader.newBuilder()
              .setImage(
                  InputImageHeader.newBuilder().setByteSize(input.byteSize()).setSha256(sha256))
              .build();
      case Input.Tensor(var header) -> InputHeader.newBuilder().setTensor(header).build();
    };
  }

  static UploadInputResponse stored(Input input) {
    return UploadInputResponse.newBuilder()
        .setSha256(input.ref().sha256())
        .setByteSize(input.byteSize())
        .build();
  }

  /**
   * The same parameters, each input by its hash: what came inline is in the store.
   *
   * @throws InvalidFieldException naming the field, if one is none, or there are too many bytes
   */
  public static GenerationParameters stored(GenerationParameters message, InputStore inputs) {
    return new Inline(inputs).stored(message);
  }

  private static final class Inline {
    private final InputStore inputs;
    private long bytes;

    Inline(InputStore inputs) {
      this.inputs = inputs;
    }

    GenerationParameters stored(GenerationParameters message) {
      GenerationParameters.Builder stored = message.toBuilder();
      List<InputImage> images = new ArrayList<>();
      for (InputImage image : message.getImagesList()) {
        images.add(stored("images[" + images.size() + "]", image));
      }
      stored.clearImages().addAllImages(images);
      if (message.hasMaskImage()) {
        stored.setMaskImage(stored("mask_image", message.getMaskImage()));
      }
      if (message.hasImageReference()) {
        stored.setImageReference(stored("image_reference", message.getImageReference()));
      }
      if (message.hasLatents()) {
        stored.setLatents(stored("latents", message.getLatents()));
      }
      if (message.hasPromptEmbeds()) {
        stored.setPromptEmbeds(stored("prompt_embeds", message.getPromptEmbeds()));
      }
      if (message.hasPooledPromptEmbeds()) {
        stored.setPooledPromptEmbeds(
            stored("pooled_prompt_embeds", message.getPooledPromptEmbeds()));
      }
      if (message.hasNegativePromptEmbeds()) {
        stored.setNegativePromptEmbeds(
            stored("negative_prompt_embeds", message.getNegativePromptEmbeds()));
      }
      if (message.hasNegativePooledPromptEmbeds()) {
        stored.setNegativePooledPromptEmbeds(
            stored("negative_pooled_prompt_embeds", message.getNegativePooledPromptEmbeds()));
      }
      return stored.build();
    }

    private InputImage stored(String field, InputImage image) {
      if (!image.hasData()) {
        return image;
      }
      ByteString file = image.getData();
      count(field, file);
      return InputImage.newBuilder()
          .setSha256(
              store(field, file, () -> InputReceiver.picture(file.size(), null, MAX_INLINE_BYTES)))
          .build();
    }

    private InputTensor stored(String field, InputTensor tensor) {
      if (!tensor.hasInline()) {
        return tensor;
      }
      InlineTensor inline = tensor.getInline();
      count(field, inline.getData());
      return InputTensor.newBuilder()
          .setSha256(
              store(
                  field,
                  inline.getData(),
                  () -> InputReceiver.tensor(inline.getHeader(), MAX_INLINE_BYTES)))
          .build();
    }

    private void count(String field, ByteString data) {
      bytes += data.size();
      if (data.isEmpty() || bytes > MAX_INLINE_BYTES) {
        throw new InvalidFieldException(
            "parameters." + field,
            field
                + ": "
                + data.size()
                + " bytes inline, "
                + bytes
                + " in all (expected: 1.."
                + MAX_INLINE_BYTES
                + "; upload what is larger)");
      }
    }

    private ByteString store(String field, ByteString data, Supplier<InputReceiver> begin) {
      try {
        InputReceiver receiver = begin.get();
        for (int at = 0; at < data.size(); at += TensorChunks.MAX_CHUNK_BYTES) {
          receiver.accept(
              data.substring(at, Math.min(data.size(), at + TensorChunks.MAX_CHUNK_BYTES)));
        }
        InputReceiver.Received received = receiver.finish();
        inputs.put(received.input(), received.bytes());
        return received.input().ref().sha256();
      } catch (InvalidFieldException | InputCorruptException e) {
        // It is the parameter that is wrong, not a message of an upload.
        throw new InvalidFieldException(
            "parameters." + field, field + ": " + String.valueOf(e.getMessage()));
      }
    }
  }
}
