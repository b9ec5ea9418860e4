package dev.fluxgate.cli.bench;

import dev.fluxgate.engine.backend.cuda.driver.DeviceProperties;

/**
 * What a GPU can do at its boost clock.
 *
 * @param flops floating-point operations a second, bfloat16 products summed in float32
 * @param bandwidth bytes a second to and from memory
 */
record Roofline(double flops, double bandwidth) {

  /** Of the clocks and widths that the driver tells. */
  static Roofline of(DeviceProperties device) {
    double productsPerClock = device.multiprocessors() * (double) tensorProducts(device);
    return new Roofline(
        2 * productsPerClock * device.clockKilohertz() * 1e3,
        // Memory moves twice a clock.
        2.0 * device.memoryClockKilohertz() * 1e3 * device.memoryBusBits() / 8);
  }

  /**
   * Products of bfloat16, summed in float32, of one multiprocessor a clock; GeForce cards halve
   * what the same cores do with 16-bit sums.
   */
  private static int tensorProducts(DeviceProperties device) {
    return switch (device.major() * 10 + device.minor()) {
      case 80 -> 1024;
      case 86, 87, 89 -> 256;
      case 90 -> 2048;
      case 100, 101, 103 -> 4096;
      default -> 256;
    };
  }
}
