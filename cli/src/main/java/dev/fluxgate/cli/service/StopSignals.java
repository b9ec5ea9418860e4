package dev.fluxgate.cli.service;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * The signals that ask a process to stop, each time they come. A shutdown hook would learn of the
 * first alone. The class of the JDK is reached by reflection: javac warns of its very name, and no
 * annotation silences that.
 */
public final class StopSignals {
  private StopSignals() {}

  /**
   * Calls {@code listener} with the name on a thread of its own whenever a signal comes: "INT" from
   * a terminal, "TERM" from a supervisor, "HUP" when a terminal is closed. A signal that this
   * process was started to ignore, as jobs in the background are, stays ignored; one that the
   * system does not know never comes.
   */
  public static void listen(Consumer<String> listener, String... names) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Method handle = signal.getMethod("handle", signal, handler);
      Object ignore = handler.getField("SIG_IGN").get(null);
      for (String name : names) {
        Object proxy =
            Proxy.newProxyInstance(
                handler.getClassLoader(),
                new Class<?>[] {handler},
                (self, method, arguments) -> call(listener, name, self, method, arguments));
        try {
          Object number = signal.getConstructor(String.class).newInstance(name);
          if (ignore.equals(handle.invoke(null, number, proxy))) {
            Object _ = handle.invoke(null, number, ignore);
          }
        } catch (InvocationTargetException _) {
          // Not a signal of this system, or the JVM was told to leave signals alone.
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("sun.misc.Signal (expected: in every JDK)", e);
    }
  }

  private static Object call(
      Consumer<String> listener, String name, Object self, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> System.identityHashCode(self) == System.identityHashCode(arguments[0]);
      case "toString" -> name;
      default -> {
        listener.accept(name);
        yield name;
      }
    };
  }
}
