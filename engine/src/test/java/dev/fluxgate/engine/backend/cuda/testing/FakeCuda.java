package dev.fluxgate.engine.backend.cuda.testing;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * The driver of {@code engine/src/emulator}, built once and loaded in the place of the real one:
 * what tests ask of it, and the faults they order. Where {@code fluxgate.cuda.driver} names a
 * driver already, that one is used, and there is nothing to order.
 */
// invokeExact declares Throwable, although a downcall throws none; calling C is what this is for.
@SuppressWarnings({"IllegalCatch", "restricted"})
public final class FakeCuda {
  /** The property that names the driver library. */
  private static final String DRIVER = "fluxgate.cuda.driver";

  private static final long MAX_TEXT_BYTES = 4096;

  private static final FakeCudaBuild BUILD = FakeCudaBuild.run(System.getProperty(DRIVER));

  private FakeCuda() {}

  /** What goes wrong. */
  public enum Fault {
    /** An allocation of device memory finds none. */
    OUT_OF_MEMORY(1),
    /** A launch is refused, once. */
    LAUNCH_REFUSED(2),
    /** A kernel reads where nothing is; the context is dead. */
    ILLEGAL_ADDRESS(3),
    /** The device is gone, until {@link #reset}. */
    DEVICE_LOST(4),
    /** A copy fails; the context is dead. */
    COPY_FAILED(5);

    private final int kind;

    Fault(int kind) {
      this.kind = kind;
    }
  }

  /** Why there is no driver for tests; empty if there is. Sets the property that names it. */
  public static Optional<String> whyUnavailable() {
    BUILD.library().ifPresent(library -> System.setProperty(DRIVER, library.toString()));
    return BUILD.obstacle();
  }

  /**
   * Goes on where there is a driver, and names it; elsewhere the test is skipped, or fails if
   * required.
   */
  public static void require() {
    whyUnavailable()
        .ifPresent(obstacle -> {
          failIfRequired(obstacle);
          Assumptions.abort(obstacle);
        });
  }

  /** Lets {@code -Drequire=cuda} turn what would be skipped for {@code obstacle} into a failure. */
  static void failIfRequired(String obstacle) {
    if ("cuda".equals(System.getProperty("require"))) {
      throw new IllegalStateException("cuda is required, but " + obstacle);
    }
  }

  /** Whether the driver is ours, not one of a real device. */
  public static boolean isThere() {
    return whyUnavailable().isEmpty() && BUILD.library().isPresent();
  }

  /** Lets {@code fault} happen at the {@code countdown}-th occasion from now, 1 being the next. */
  public static void inject(Fault fault, long countdown) {
    call("fluxgate_fake_inject", fault.kind, countdown);
  }

  /** How often {@code fault} could have happened since {@link #reset}. */
  public static long occasions(Fault fault) {
    try {
      FunctionDescriptor type = FunctionDescriptor.of(JAVA_LONG, JAVA_INT);
      return (long) bind("fluxgate_fake_occasions", type).invokeExact(fault.kind);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Forgets ordered faults, the loss of the device, the limit of memory and the schedule. */
  public static void reset() {
    try {
      bind("fluxgate_fake_reset", FunctionDescriptor.ofVoid()).invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Orders the threads of a block: 0 one after the other, any other number shuffled. */
  public static void seed(int seed) {
    try {
      bind("fluxgate_fake_seed", FunctionDescriptor.ofVoid(JAVA_INT)).invokeExact(seed);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Lets the device have {@code bytes} of memory. */
  public static void memory(long bytes) {
    try {
      bind("fluxgate_fake_memory", FunctionDescriptor.ofVoid(JAVA_LONG)).invokeExact(bytes);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Blocks of device memory that the driver has given and not got back. */
  public static long liveAllocations() {
    return number("fluxgate_fake_live_allocations");
  }

  /** Their bytes. */
  public static long liveBytes() {
    return number("fluxgate_fake_live_bytes");
  }

  /** Streams, events, modules and blocks of pinned memory not given back. */
  public static long liveObjects() {
    return number("fluxgate_fake_live_objects");
  }

  /** How often {@code kernel} has been launched. */
  public static long launches(String kernel) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG, 4);
      FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
      int status =
          (int) bind("fluxgate_fake_statistics", type).invokeExact(arena.allocateFrom(kernel), out);
      if (status != 0) {
        throw new IllegalArgumentException("kernel: " + kernel + " (expected: one of the images)");
      }
      return out.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the emulator said of the last kernel that failed. */
  public static String lastFailure() {
    try {
      MemorySegment text =
          (MemorySegment)
              bind("fluxgate_fake_last_failure", FunctionDescriptor.of(ADDRESS)).invokeExact();
      return text.reinterpret(MAX_TEXT_BYTES).getString(0);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void call(String symbol, int first, long second) {
    try {
      MethodHandle handle = bind(symbol, JAVA_INT, JAVA_LONG);
      int status = (int) handle.invokeExact(first, second);
      if (status != 0) {
        throw new IllegalArgumentException(symbol + ": status " + status + " (expected: 0)");
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static long number(String symbol) {
    try {
      return (long) bind(symbol, FunctionDescriptor.of(JAVA_LONG)).invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle bind(String symbol, MemoryLayout... parameters) {
    return bind(symbol, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static MethodHandle bind(String symbol, FunctionDescriptor type) {
    Path library =
        BUILD.library().orElseThrow(() -> new IllegalStateException("no fake driver: " + BUILD));
    return Linker.nativeLinker()
        .downcallHandle(
            SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow(symbol), type);
  }
}
