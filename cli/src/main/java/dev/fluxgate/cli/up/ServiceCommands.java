package dev.fluxgate.cli.up;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The command lines of a system's services.
 *
 * @param model arguments that name model, type and device
 * @param shared arguments of every service
 * @param gateway arguments of the gateway alone
 * @param gatewayAddress where workers find it
 * @param encoderPort where the encoder listens
 * @param denoisers number of workers
 */
record ServiceCommands(
    List<String> model,
    List<String> shared,
    List<String> gateway,
    String gatewayAddress,
    int encoderPort,
    int denoisers) {

  /** Name of the service → its arguments, in the order in which they are listed. */
  Map<String, List<String>> all() {
    String encoder = "127.0.0.1:" + encoderPort;
    Map<String, List<String>> all = new LinkedHashMap<>();
    all.put(
        "encoder",
        joined(
            List.of("encoder", "--host", "127.0.0.1", "--grpc-port", Integer.toString(encoderPort)),
            model));
    all.put("gateway", joined(List.of("gateway", "--encoder", encoder), gateway));
    for (int i = 0; i < denoisers; i++) {
      String name = "denoiser-" + i;
      all.put(
          name,
          joined(List.of("denoiser", "--gateway", gatewayAddress, "--worker-id", name), model));
    }
    return all;
  }

  private List<String> joined(List<String> first, List<String> second) {
    List<String> arguments = new ArrayList<>(first);
    arguments.addAll(second);
    arguments.addAll(shared);
    return arguments;
  }
}
