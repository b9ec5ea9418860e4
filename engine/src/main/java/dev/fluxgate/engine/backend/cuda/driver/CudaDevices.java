package dev.fluxgate.engine.backend.cuda.driver;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/** The devices that the driver knows. */
final class CudaDevices {
  /** The first compute capability with the instructions of the kernels. */
  private static final int OLDEST_MAJOR = 8;

  private static final int MAX_NAME_BYTES = 256;

  private CudaDevices() {}

  /** Why there is no device that can compute; empty if the first one can. */
  static Optional<String> whyNone() {
    try {
      return whyNoneCanCompute();
    } catch (CudaException e) {
      return Optional.of("cuda: " + e.getMessage());
    }
  }

  private static Optional<String> whyNoneCanCompute() {
    CudaStatus.check(JCudaDriver.cuInit(0), "cuInit");
    int[] count = new int[1];
    CudaStatus.check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
    if (count[0] == 0) {
      return Optional.of("cuda: no device (expected: at least one)");
    }
    DeviceProperties first = properties(get(0));
    return first.major() >= OLDEST_MAJOR
        ? Optional.empty()
        : Optional.of(
            "cuda: %s of compute capability %d.%d (expected: %d.0 or newer)"
                .formatted(first.name(), first.major(), first.minor(), OLDEST_MAJOR));
  }

  /** Device {@code ordinal}. */
  static CUdevice get(int ordinal) {
    CudaStatus.check(JCudaDriver.cuInit(0), "cuInit");
    CUdevice device = new CUdevice();
    CudaStatus.check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet", ordinal);
    return device;
  }

  /** What {@code device} is. */
  static DeviceProperties properties(CUdevice device) {
    byte[] name = new byte[MAX_NAME_BYTES];
    CudaStatus.check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
    long[] bytes = new long[1];
    CudaStatus.check(JCudaDriver.cuDeviceTotalMem(bytes, device), "cuDeviceTotalMem");
    int[] version = new int[1];
    CudaStatus.check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
    String text = new String(name, StandardCharsets.UTF_8);
    return new DeviceProperties(
        text.substring(0, text.indexOf('\0')),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        bytes[0],
        version[0]);
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    CudaStatus.check(
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
        "cuDeviceGetAttribute",
        CUdevice_attribute.stringFor(attribute));
    return value[0];
  }
}
