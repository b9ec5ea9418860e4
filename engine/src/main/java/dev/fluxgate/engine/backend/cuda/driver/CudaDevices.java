package dev.fluxgate.engine.backend.cuda.driver;

import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/** The devices that the driver knows. */
final class CudaDevices {
  /** The first compute capability with the instructions of the kernels. */
  private static final int OLDEST_MAJOR = 8;

  private static final int MAX_NAME_BYTES = 256;

  private CudaDevices() {}

  /** Why there is no device {@code ordinal} that can compute; empty if there is. */
  static Optional<String> whyNot(int ordinal) {
    try {
      return whyItCannotCompute(ordinal);
    } catch (CudaException | DeviceMemoryException | BackendLostException e) {
      return Optional.of("cuda: " + e.getMessage());
    }
  }

  private static Optional<String> whyItCannotCompute(int ordinal) {
    CudaStatus.check(JCudaDriver.cuInit(0), "cuInit");
    int count = count();
    if (ordinal >= count) {
      return Optional.of(
          "cuda: no device %d (expected: %s)"
              .formatted(ordinal, count == 0 ? "at least one device" : "0.." + (count - 1)));
    }
    DeviceProperties device = properties(get(ordinal));
    return device.major() >= OLDEST_MAJOR
        ? Optional.empty()
        : Optional.of(
            "cuda: %s of compute capability %d.%d (expected: %d.0 or newer)"
                .formatted(device.name(), device.major(), device.minor(), OLDEST_MAJOR));
  }

  /** All of them, in the order of their numbers. */
  static List<DeviceProperties> all() {
    if (JCudaDriver.cuInit(0) != 0) {
      return List.of();
    }
    return IntStream.range(0, count()).mapToObj(ordinal -> properties(get(ordinal))).toList();
  }

  private static int count() {
    int[] count = new int[1];
    CudaStatus.check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
    return count[0];
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
        version[0],
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH));
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
