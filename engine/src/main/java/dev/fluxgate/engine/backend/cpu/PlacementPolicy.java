package dev.fluxgate.engine.backend.cpu;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * Packs weights until a budget is spent and leaves the rest where it is stored, so that a model
 * larger than memory still runs.
 *
 * @param packedBytes what all packed matrices of a back end may take together
 */
public record PlacementPolicy(long packedBytes) {

  /** Half of the memory of the machine, or of its container. */
  public static PlacementPolicy halfOfMemory() {
    // The interface of the JDK that knows about containers; the portable one has no memory size.
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new PlacementPolicy(system.getTotalMemorySize() / 2);
  }

  /** Where a matrix of {@code bytes} goes when {@code spent} bytes are packed already. */
  WeightPlacement place(long spent, long bytes) {
    return spent + bytes <= packedBytes ? WeightPlacement.PACKED : WeightPlacement.MAPPED;
  }
}
