package dev.fluxgate.engine.backend.cuda.driver;

/**
 * What a device is.
 *
 * @param name as its maker calls it
 * @param major of the compute capability
 * @param minor of the compute capability
 * @param totalBytes of its memory
 * @param driverVersion 1000 · major + 10 · minor of the CUDA version that the driver serves
 * @param multiprocessors how many
 * @param clockKilohertz of the multiprocessors, boosted
 * @param memoryClockKilohertz of the memory
 * @param memoryBusBits between memory and multiprocessors
 */
public record DeviceProperties(
    String name,
    int major,
    int minor,
    long totalBytes,
    int driverVersion,
    int multiprocessors,
    int clockKilohertz,
    int memoryClockKilohertz,
    int memoryBusBits) {

  /** Major and minor of the CUDA version: "12.6". */
  public String driver() {
    return version(driverVersion);
  }

  static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }
}
