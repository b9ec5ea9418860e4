package dev.fluxgate.engine.backend.cpu.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The functions of oneDNN in use (oneapi/dnnl/dnnl.h). Every status is checked here, and only here.
 */
// invokeExact declares Throwable, although a downcall throws none; calling C is what this is for.
@SuppressWarnings({"IllegalCatch", "restricted"})
final class OneDnnCalls {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final long MAX_TEXT_BYTES = 256;

  static final MethodHandle ENGINE_CREATE =
      bind("dnnl_engine_create", ADDRESS, JAVA_INT, JAVA_LONG);
  static final MethodHandle STREAM_CREATE = bind("dnnl_stream_create", ADDRESS, ADDRESS, JAVA_INT);
  static final MethodHandle DESCRIPTOR_STRIDED =
      bind("dnnl_memory_desc_create_with_strides", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  static final MethodHandle DESCRIPTOR_TAGGED =
      bind("dnnl_memory_desc_create_with_tag", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  static final MethodHandle DESCRIPTOR_CLONE = bind("dnnl_memory_desc_clone", ADDRESS, ADDRESS);
  static final MethodHandle MEMORY_CREATE =
      bind("dnnl_memory_create", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final MethodHandle MATMUL =
      bind(
          "dnnl_matmul_primitive_desc_create",
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  static final MethodHandle CONVOLUTION =
      bind(
          "dnnl_convolution_forward_primitive_desc_create",
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  static final MethodHandle REORDER =
      bind(
          "dnnl_reorder_primitive_desc_create",
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  static final MethodHandle PRIMITIVE_CREATE = bind("dnnl_primitive_create", ADDRESS, ADDRESS);
  static final MethodHandle ATTRIBUTES_CREATE = bind("dnnl_primitive_attr_create", ADDRESS);
  static final MethodHandle SCRATCHPAD_MODE =
      bind("dnnl_primitive_attr_set_scratchpad_mode", ADDRESS, JAVA_INT);
  static final MethodHandle SET_POST_OPS =
      bind("dnnl_primitive_attr_set_post_ops", ADDRESS, ADDRESS);
  static final MethodHandle POST_OPS_CREATE = bind("dnnl_post_ops_create", ADDRESS);
  static final MethodHandle POST_ELTWISE =
      bind("dnnl_post_ops_append_eltwise", ADDRESS, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT);
  static final MethodHandle POST_BINARY =
      bind("dnnl_post_ops_append_binary", ADDRESS, JAVA_INT, ADDRESS);
  static final MethodHandle POST_SUM =
      bind("dnnl_post_ops_append_sum", ADDRESS, JAVA_FLOAT, JAVA_INT, JAVA_INT);
  private static final MethodHandle QUERY =
      bind("dnnl_primitive_desc_query", ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);

  private static final MethodHandle SET_DATA_HANDLE =
      bind("dnnl_memory_set_data_handle", ADDRESS, ADDRESS);
  private static final MethodHandle EXECUTE =
      bind("dnnl_primitive_execute", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle DESCRIPTOR_SIZE =
      bind("dnnl_memory_desc_get_size", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
  private static final MethodHandle QUERY_DESCRIPTOR =
      bind(
          "dnnl_primitive_desc_query_md",
          FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle VERSION = bind("dnnl_version", FunctionDescriptor.of(ADDRESS));
  private static final MethodHandle CPU_ISA =
      bind("dnnl_get_effective_cpu_isa", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle OMP_THREADS =
      bind("omp_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT));

  private OneDnnCalls() {}

  /** A call that gives a status. */
  @FunctionalInterface
  interface StatusCall {
    int invoke() throws Throwable;
  }

  /** A call that writes a pointer to {@code out} and gives a status. */
  @FunctionalInterface
  interface Creation {
    int into(MemorySegment out) throws Throwable;
  }

  /** Native objects, each with the function that frees it. */
  enum Kind {
    ENGINE("dnnl_engine_destroy"),
    STREAM("dnnl_stream_destroy"),
    DESCRIPTOR("dnnl_memory_desc_destroy"),
    MEMORY("dnnl_memory_destroy"),
    PRIMITIVE_DESCRIPTOR("dnnl_primitive_desc_destroy"),
    PRIMITIVE("dnnl_primitive_destroy"),
    ATTRIBUTES("dnnl_primitive_attr_destroy"),
    POST_OPS("dnnl_post_ops_destroy");

    private final String destroyer;
    private final MethodHandle destroy;

    Kind(String destroyer) {
      this.destroyer = destroyer;
      this.destroy = bind(destroyer, ADDRESS);
    }

    /** Frees {@code object}. */
    void destroy(MemorySegment object) {
      check(destroyer, object, () -> (int) destroy.invokeExact(object));
    }
  }

  /** Runs {@code call}, named {@code name} in errors, on {@code subject}. */
  static void check(String name, Object subject, StatusCall call) {
    try {
      succeed(name, subject, call.invoke());
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  /** The pointer that {@code call} writes. */
  static MemorySegment create(String name, Object subject, Creation call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check(name, subject, () -> call.into(out));
      return out.get(ADDRESS, 0);
    }
  }

  static void setDataHandle(MemorySegment memory, long address) {
    try {
      int status = (int) SET_DATA_HANDLE.invokeExact(memory, MemorySegment.ofAddress(address));
      succeed("dnnl_memory_set_data_handle", "memory", status);
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  static void execute(
      MemorySegment primitive,
      MemorySegment stream,
      int count,
      MemorySegment args,
      Object subject) {
    try {
      succeed(
          "dnnl_primitive_execute",
          subject,
          (int) EXECUTE.invokeExact(primitive, stream, count, args));
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  static long size(MemorySegment descriptor) {
    try {
      return (long) DESCRIPTOR_SIZE.invokeExact(descriptor);
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  /** Descriptor {@code what} of a primitive descriptor, owned by the latter. */
  static MemorySegment descriptor(MemorySegment primitiveDescriptor, int what) {
    try {
      return (MemorySegment) QUERY_DESCRIPTOR.invokeExact(primitiveDescriptor, what, 0);
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  /** The text that query {@code what} of a primitive descriptor gives. */
  static String text(MemorySegment primitiveDescriptor, int what) {
    return create(
            "dnnl_primitive_desc_query",
            "query " + what,
            out -> (int) QUERY.invokeExact(primitiveDescriptor, what, 0, out))
        .reinterpret(MAX_TEXT_BYTES)
        .getString(0);
  }

  /** The struct of {@code dnnl_version}: major, minor, patch. */
  static MemorySegment version() {
    try {
      return ((MemorySegment) VERSION.invokeExact()).reinterpret(3 * JAVA_INT.byteSize());
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  /** The instruction set in use, a {@code dnnl_cpu_isa_t}. */
  static int cpuIsa() {
    try {
      return (int) CPU_ISA.invokeExact();
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  /** Sets how many threads the calls of the current thread use. */
  static void setThreads(int threads) {
    try {
      OMP_THREADS.invokeExact(threads);
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  private static void succeed(String call, Object subject, int status) {
    if (status != 0) {
      throw new OneDnnException(call, subject, status);
    }
  }

  private static RuntimeException asUnchecked(Throwable e) {
    return switch (e) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }

  private static MethodHandle bind(String symbol, MemoryLayout... parameters) {
    return bind(symbol, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static MethodHandle bind(String symbol, FunctionDescriptor type) {
    return LINKER.downcallHandle(
        OneDnnLibrary.symbols()
            .find(symbol)
            .orElseThrow(
                () -> new OneDnnUnavailableException("oneDNN: no " + symbol + " in the library")),
        type);
  }
}
