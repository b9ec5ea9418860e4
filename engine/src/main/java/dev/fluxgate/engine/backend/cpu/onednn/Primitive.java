package dev.fluxgate.engine.backend.cpu.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * An op compiled for its shapes. Workers execute it side by side, each through its own arguments;
 * an execution allocates nothing.
 */
public final class Primitive implements AutoCloseable {
  private static final int SCRATCHPAD = 80;

  /** A {@code dnnl_exec_arg_t}: an int, padding, a pointer. */
  private static final long ARGUMENT_BYTES = 16;

  private static final long ARGUMENT_POINTER = 8;

  private final OneDnnEngine engine;
  private final NativeScope scope;
  private final MemorySegment handle;
  private final Binding[] bindings;
  private final Object subject;

  /** The arguments of one worker, and the addresses that they hold by now. */
  private static final class Binding {
    private final MemorySegment table;
    private final MemorySegment[] memories;
    private final long[] addresses;

    Binding(MemorySegment table, MemorySegment[] memories) {
      this.table = table;
      this.memories = memories;
      addresses = new long[memories.length];
    }

    void point(int index, long address) {
      if (addresses[index] != address) {
        OneDnnCalls.setDataHandle(memories[index], address);
        addresses[index] = address;
      }
    }
  }

  Primitive(
      OneDnnEngine engine,
      MemorySegment primitiveDescriptor,
      List<Operands.Argument> arguments,
      Object subject) {
    this.engine = engine;
    this.subject = subject;
    scope = engine.scope();
    handle =
        scope.create(
            OneDnnCalls.Kind.PRIMITIVE,
            "dnnl_primitive_create",
            subject,
            out -> (int) OneDnnCalls.PRIMITIVE_CREATE.invokeExact(out, primitiveDescriptor));
    Descriptor scratchpad =
        new Descriptor(OneDnnCalls.descriptor(primitiveDescriptor, OneDnnEngine.QUERY_SCRATCHPAD));
    engine.reserveScratchpads(scratchpad.bytes());
    bindings = new Binding[engine.workers()];
    for (int i = 0; i < bindings.length; i++) {
      bindings[i] = bind(arguments, scratchpad);
    }
  }

  private Binding bind(List<Operands.Argument> arguments, Descriptor scratchpad) {
    int count = arguments.size() + 1;
    MemorySegment table = scope.allocate(count * ARGUMENT_BYTES);
    MemorySegment[] memories = new MemorySegment[count];
    for (int i = 0; i < count; i++) {
      boolean last = i == count - 1;
      Descriptor layout = last ? scratchpad : arguments.get(i).layout();
      memories[i] = engine.memory(scope, layout, subject);
      table.set(JAVA_INT, i * ARGUMENT_BYTES, last ? SCRATCHPAD : arguments.get(i).id());
      table.set(ADDRESS, i * ARGUMENT_BYTES + ARGUMENT_POINTER, memories[i]);
    }
    return new Binding(table, memories);
  }

  /**
   * Runs on the current thread, which acts as worker {@code worker}.
   *
   * @param addresses of all operands, in the order of {@link Operands}
   */
  public void execute(int worker, long... addresses) {
    Binding binding = bindings[worker];
    int count = binding.addresses.length;
    for (int i = 0; i < addresses.length; i++) {
      binding.point(i, addresses[i]);
    }
    binding.point(count - 1, engine.scratchpad(worker));
    OneDnnCalls.execute(handle, engine.stream(worker), count, binding.table, subject);
  }

  /** Frees the compiled op and its arguments. Closing twice is harmless. */
  @Override
  public void close() {
    scope.close();
  }
}
