package dev.fluxgate.gateway.http.rest;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import com.linecorp.armeria.common.HttpResponse;
import dev.fluxgate.gateway.http.json.JsonText;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.route.Call;
import dev.fluxgate.gateway.http.route.Operation;
import dev.fluxgate.gateway.http.route.Operation.Place;
import dev.fluxgate.gateway.http.route.Route;
import dev.fluxgate.gateway.input.InputReceiver;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.RestStoredInput;
import dev.fluxgate.v1.TensorHeader;
import java.util.List;
import java.util.Map;

/** Pictures and tensors that jobs then name by their hash. */
public final class InputRoutes {
  /** Where inputs are stored; bodies may be longer than elsewhere. */
  public static final String PATH = "/v1/inputs";

  private static final Map<String, DType> DTYPES =
      Map.of("F32", DType.D_TYPE_F32, "BF16", DType.D_TYPE_BF16, "F16", DType.D_TYPE_F16);

  private final InputStore inputs;

  /** Routes into {@code inputs}. */
  public InputRoutes(InputStore inputs) {
    this.inputs = inputs;
  }

  /** The routes. */
  public List<Route> routes() {
    return List.of(
        Route.post(
            PATH,
            Operation.of(
                    "uploadInput",
                    "Stores a picture's file, or a tensor, that jobs then name by its hash.")
                .parameter(
                    "dtype",
                    Place.QUERY,
                    "string",
                    "Of a tensor: F32, BF16 or F16, little-endian. Absent: a picture.")
                .parameter(
                    "shape",
                    Place.QUERY,
                    "string",
                    "Of a tensor: its extents, joined by commas, outermost first.")
                .raw(List.of("image/png", "image/jpeg", "image/webp", "application/octet-stream"))
                .answer(201, RestStoredInput.getDescriptor(), "Stored, for a while at least."),
            this::store));
  }

  private HttpResponse store(Call call) {
    ByteString bytes = UnsafeByteOperations.unsafeWrap(call.request().content().array());
    InputReceiver.Received received = receiver(call, bytes).all(bytes);
    inputs.put(received.input(), received.bytes());
    return JsonText.response(
        201,
        RestStoredInput.newBuilder()
            .setSha256(received.input().ref().toString())
            .setByteSize(bytes.size())
            .build());
  }

  private InputReceiver receiver(Call call, ByteString bytes) {
    String dtype = call.query("dtype").orElse(null);
    String shape = call.query("shape").orElse(null);
    if (dtype == null && shape == null) {
      return InputReceiver.picture(bytes.size(), null, inputs.maxInputBytes());
    }
    if (dtype == null || shape == null) {
      throw HttpFailureException.invalid(
          dtype == null ? "dtype" : "shape", "absent", "dtype and shape, or neither");
    }
    DType type = DTYPES.get(dtype);
    if (type == null) {
      throw HttpFailureException.invalid("dtype", dtype, "F32, BF16 or F16");
    }
    TensorHeader.Builder header =
        TensorHeader.newBuilder()
            .setName("input")
            .setDtype(type)
            .setByteSize(bytes.size())
            .setSha256(ContentHash.of(bytes));
    for (String extent : shape.split(",", -1)) {
      header.addShape(extent(extent));
    }
    return InputReceiver.tensor(header.build(), inputs.maxInputBytes());
  }

  private static long extent(String text) {
    try {
      return Integer.parseUnsignedInt(text.strip());
    } catch (NumberFormatException e) {
      throw HttpFailureException.invalid("shape", text, "whole numbers above 0, joined by commas");
    }
  }
}
