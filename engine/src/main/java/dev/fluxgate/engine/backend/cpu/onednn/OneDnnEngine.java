package dev.fluxgate.engine.backend.cpu.onednn;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The CPU engine of oneDNN. Threads belong to the caller: every primitive runs on the thread that
 * executes it, alone, and many threads ("workers", numbered from 0) execute side by side, each with
 * its own stream and scratchpad.
 *
 * <p>On a CPU execution is synchronous, so that nothing is ever waited for.
 */
public final class OneDnnEngine implements AutoCloseable {
  static final int QUERY_SCRATCHPAD = 136;

  private static final int QUERY_WEIGHTS = 131;
  private static final int QUERY_IMPLEMENTATION = 8;
  private static final int PROBE_SIZE = 64;
  private static final int CPU = 1;
  private static final int IN_ORDER = 1;
  private static final int SCRATCHPAD_OF_USER = 1;
  private static final int FORWARD_INFERENCE = 96;
  private static final int CONVOLUTION_DIRECT = 1;
  private static final int BINARY_ADD = 0x1fff0;
  private static final int BINARY_MUL = 0x1fff1;

  private final NativeLedger ledger = new NativeLedger();
  private final NativeScope scope = new NativeScope(ledger);
  private final MemorySegment handle;
  private final MemorySegment[] streams;
  private NativeScope scratchpadScope = new NativeScope(ledger);
  private final long[] scratchpads;
  private long scratchpadBytes;

  /**
   * An engine for {@code workers} threads.
   *
   * @throws OneDnnUnavailableException if the library cannot be used on this machine
   */
  public OneDnnEngine(int workers) {
    handle =
        scope.create(
            OneDnnCalls.Kind.ENGINE,
            "dnnl_engine_create",
            "CPU",
            out -> (int) OneDnnCalls.ENGINE_CREATE.invokeExact(out, CPU, 0L));
    streams = new MemorySegment[workers];
    Arrays.setAll(
        streams,
        i ->
            scope.create(
                OneDnnCalls.Kind.STREAM,
                "dnnl_stream_create",
                "worker " + i,
                out -> (int) OneDnnCalls.STREAM_CREATE.invokeExact(out, handle, IN_ORDER)));
    scratchpads = new long[workers];
  }

  /** Makes the primitives that the current thread executes use this thread alone. */
  public static void ownCurrentThread() {
    OneDnnCalls.setThreads(1);
  }

  /** "3.11.0". */
  public static String version() {
    MemorySegment version = OneDnnCalls.version();
    return version.getAtIndex(JAVA_INT, 0)
        + "."
        + version.getAtIndex(JAVA_INT, 1)
        + "."
        + version.getAtIndex(JAVA_INT, 2);
  }

  /** Instruction set that the library uses: "AVX-512 BF16". */
  public static String instructionSet() {
    return InstructionSet.name(OneDnnCalls.cpuIsa());
  }

  /** How many threads may execute side by side. */
  public int workers() {
    return streams.length;
  }

  /** What has been taken from native memory. */
  public NativeLedger ledger() {
    return ledger;
  }

  /** A new scope of native objects. */
  public NativeScope scope() {
    return new NativeScope(ledger);
  }

  /** destination = source · weights. */
  public Primitive matmul(Operands operands, Object subject) {
    try (NativeScope temporary = scope()) {
      MemorySegment description = matmulDescription(temporary, operands, subject);
      return new Primitive(this, description, operands.arguments(), subject);
    }
  }

  /** destination = source ⋆ weights. */
  public Primitive convolution(Operands operands, Window window, Object subject) {
    try (NativeScope temporary = scope()) {
      MemorySegment description = convolutionDescription(temporary, operands, window, subject);
      return new Primitive(this, description, operands.arguments(), subject);
    }
  }

  /** The layout that the product wants its weights in, owned by {@code owner}. */
  public Descriptor matmulWeights(NativeScope owner, Operands operands, Object subject) {
    try (NativeScope temporary = scope()) {
      MemorySegment description = matmulDescription(temporary, operands, subject);
      return owner.copy(OneDnnCalls.descriptor(description, QUERY_WEIGHTS));
    }
  }

  /** The layout that the convolution wants its filter in, owned by {@code owner}. */
  public Descriptor convolutionWeights(
      NativeScope owner, Operands operands, Window window, Object subject) {
    try (NativeScope temporary = scope()) {
      MemorySegment description = convolutionDescription(temporary, operands, window, subject);
      return owner.copy(OneDnnCalls.descriptor(description, QUERY_WEIGHTS));
    }
  }

  /** Whether products of {@code type} run on vectors, not in the plain loops of the library. */
  public boolean hasFastProducts(OneDnnType type) {
    try (NativeScope temporary = scope()) {
      Descriptor square = temporary.matrix(type, PROBE_SIZE, PROBE_SIZE, PROBE_SIZE);
      Operands operands = Operands.plain(square, square, square);
      MemorySegment description = matmulDescription(temporary, operands, type + " probe");
      return !OneDnnCalls.text(description, QUERY_IMPLEMENTATION).startsWith("ref");
    } catch (OneDnnException e) {
      // No implementation at all is the other way in which the library says no.
      return false;
    }
  }

  /** Rewrites an array in another layout or type, from address to address. */
  public Primitive reorder(Descriptor from, Descriptor to, Object subject) {
    try (NativeScope temporary = scope()) {
      MemorySegment attributes = attributes(temporary, List.of(), subject);
      MemorySegment description =
          temporary.create(
              OneDnnCalls.Kind.PRIMITIVE_DESCRIPTOR,
              "dnnl_reorder_primitive_desc_create",
              subject,
              out ->
                  (int)
                      OneDnnCalls.REORDER.invokeExact(
                          out, from.handle(), handle, to.handle(), handle, attributes));
      return new Primitive(this, description, Operands.reorder(from, to), subject);
    }
  }

  private MemorySegment matmulDescription(NativeScope owner, Operands operands, Object subject) {
    MemorySegment attributes = attributes(owner, operands.postOps(), subject);
    return owner.create(
        OneDnnCalls.Kind.PRIMITIVE_DESCRIPTOR,
        "dnnl_matmul_primitive_desc_create",
        subject,
        out ->
            (int)
                OneDnnCalls.MATMUL.invokeExact(
                    out,
                    handle,
                    operands.source().handle(),
                    operands.weights().handle(),
                    operands.biasHandle(),
                    operands.destination().handle(),
                    attributes));
  }

  private MemorySegment convolutionDescription(
      NativeScope owner, Operands operands, Window window, Object subject) {
    MemorySegment attributes = attributes(owner, operands.postOps(), subject);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment strides = NativeScope.dimensions(arena, window.stride(), window.stride());
      MemorySegment dilations = NativeScope.dimensions(arena, 0, 0);
      MemorySegment before = NativeScope.dimensions(arena, window.top(), window.left());
      MemorySegment after = NativeScope.dimensions(arena, window.bottom(), window.right());
      return owner.create(
          OneDnnCalls.Kind.PRIMITIVE_DESCRIPTOR,
          "dnnl_convolution_forward_primitive_desc_create",
          subject,
          out ->
              (int)
                  OneDnnCalls.CONVOLUTION.invokeExact(
                      out,
                      handle,
                      FORWARD_INFERENCE,
                      CONVOLUTION_DIRECT,
                      operands.source().handle(),
                      operands.weights().handle(),
                      operands.biasHandle(),
                      operands.destination().handle(),
                      strides,
                      dilations,
                      before,
                      after,
                      attributes));
    }
  }

  private static MemorySegment attributes(NativeScope owner, List<PostOp> postOps, Object subject) {
    MemorySegment attributes =
        owner.create(
            OneDnnCalls.Kind.ATTRIBUTES,
            "dnnl_primitive_attr_create",
            subject,
            out -> (int) OneDnnCalls.ATTRIBUTES_CREATE.invokeExact(out));
    OneDnnCalls.check(
        "dnnl_primitive_attr_set_scratchpad_mode",
        subject,
        () -> (int) OneDnnCalls.SCRATCHPAD_MODE.invokeExact(attributes, SCRATCHPAD_OF_USER));
    if (postOps.isEmpty()) {
      return attributes;
    }
    MemorySegment chain =
        owner.create(
            OneDnnCalls.Kind.POST_OPS,
            "dnnl_post_ops_create",
            subject,
            out -> (int) OneDnnCalls.POST_OPS_CREATE.invokeExact(out));
    postOps.forEach(
        step -> OneDnnCalls.check("dnnl_post_ops_append", step, () -> append(chain, step)));
    OneDnnCalls.check(
        "dnnl_primitive_attr_set_post_ops",
        subject,
        () -> (int) OneDnnCalls.SET_POST_OPS.invokeExact(attributes, chain));
    return attributes;
  }

  private static int append(MemorySegment chain, PostOp step) throws Throwable {
    return switch (step) {
      case PostOp.Activation activation ->
          (int)
              OneDnnCalls.POST_ELTWISE.invokeExact(
                  chain, activation.algorithm(), activation.slope(), 0f);
      case PostOp.Sum() -> (int) OneDnnCalls.POST_SUM.invokeExact(chain, 1f, 0, 0);
      case PostOp.Multiply(Descriptor operand) ->
          (int) OneDnnCalls.POST_BINARY.invokeExact(chain, BINARY_MUL, operand.handle());
      case PostOp.Add(Descriptor operand) ->
          (int) OneDnnCalls.POST_BINARY.invokeExact(chain, BINARY_ADD, operand.handle());
    };
  }

  MemorySegment memory(NativeScope owner, Descriptor layout, Object subject) {
    return owner.create(
        OneDnnCalls.Kind.MEMORY,
        "dnnl_memory_create",
        subject,
        out ->
            (int)
                OneDnnCalls.MEMORY_CREATE.invokeExact(
                    out, layout.handle(), handle, MemorySegment.NULL));
  }

  MemorySegment stream(int worker) {
    return streams[worker];
  }

  long scratchpad(int worker) {
    return scratchpads[worker];
  }

  /** Makes the scratchpad of every worker at least so large; called between executions only. */
  void reserveScratchpads(long bytes) {
    if (bytes <= scratchpadBytes) {
      return;
    }
    scratchpadScope.close();
    scratchpadScope = scope();
    scratchpadBytes = bytes;
    Arrays.setAll(scratchpads, i -> scratchpadScope.allocate(bytes).address());
  }

  /** Frees engine, streams and scratchpads; primitives must be closed before. */
  @Override
  public void close() {
    scratchpadScope.close();
    scratchpadBytes = 0;
    scope.close();
  }
}
