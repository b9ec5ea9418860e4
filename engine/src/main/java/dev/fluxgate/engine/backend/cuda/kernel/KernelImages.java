package dev.fluxgate.engine.backend.cuda.kernel;

import dev.fluxgate.engine.backend.cuda.cubin.Architecture;
import dev.fluxgate.engine.backend.cuda.driver.CudaUnavailableException;
import dev.fluxgate.engine.backend.cuda.driver.DeviceProperties;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The compiled kernels of the class path, chosen for one device: machine code where there is some
 * for its architecture and the driver can read it, else PTX, which the driver compiles.
 */
public final class KernelImages {
  /** Our machine code lies in a container that older drivers do not know. */
  private static final int FIRST_DRIVER_FOR_CUBINS = 13000;

  /** Machine code that serves its own minor version and later ones of the same major one. */
  private static final List<Target> COMPATIBLE =
      List.of(
          new Target(8, 9, Architecture.SM_89),
          new Target(8, 6, Architecture.SM_86),
          new Target(8, 0, Architecture.SM_80));

  /** Machine code that serves its own version alone. */
  private static final List<Target> EXACT =
      List.of(new Target(9, 0, Architecture.SM_90A), new Target(12, 0, Architecture.SM_120A));

  private static final String PTX = "ptx";

  private final String ending;

  private KernelImages(String ending) {
    this.ending = ending;
  }

  private record Target(int major, int minor, Architecture architecture) {}

  /** The images for {@code device}. */
  public static KernelImages of(DeviceProperties device) {
    if (device.driverVersion() < FIRST_DRIVER_FOR_CUBINS) {
      return ptx();
    }
    for (Target each : COMPATIBLE) {
      if (each.major == device.major() && each.minor <= device.minor()) {
        return of(each.architecture);
      }
    }
    for (Target each : EXACT) {
      if (each.major == device.major() && each.minor == device.minor()) {
        return of(each.architecture);
      }
    }
    return ptx();
  }

  /** The machine code for {@code architecture}. */
  public static KernelImages of(Architecture architecture) {
    return new KernelImages(architecture.label() + ".cubin");
  }

  /** What a driver compiles. */
  public static KernelImages ptx() {
    return new KernelImages(PTX);
  }

  /** What kind they are: "ptx" or "sm_86.cubin". */
  public String kind() {
    return ending;
  }

  /** Name of the image of a source file, within this package. */
  String name(String file) {
    return file + "." + ending;
  }

  /**
   * The image of a source file.
   *
   * @throws CudaUnavailableException if the class path has none
   */
  public byte[] read(String file) {
    String path = "/dev/fluxgate/engine/backend/cuda/kernels/" + name(file);
    try (InputStream in = KernelImages.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new CudaUnavailableException(
            "cuda: no " + path + " on the class path (expected: the kernels of this build)");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }
}
