package dev.fluxgate.denoiser.testing;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Workspace;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** What the last job asked a back end for, and how much of it was laid out. */
public final class CountedMemory {
  private long asked;
  private long used;

  /** {@code backend}, watched. */
  public Backend of(Backend backend) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) -> {
              if (!method.getName().equals("workspace")) {
                return call(backend, method, arguments);
              }
              asked = (long) arguments[0];
              return watched(backend.workspace(asked));
            });
  }

  private Object watched(Workspace workspace) {
    return Proxy.newProxyInstance(
        Workspace.class.getClassLoader(),
        new Class<?>[] {Workspace.class},
        (_, method, arguments) -> {
          if (method.getName().equals("close")) {
            used = workspace.peakBytes();
          }
          return call(workspace, method, arguments);
        });
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Bytes that were asked for. */
  public long asked() {
    return asked;
  }

  /** Bytes that were in use at most. */
  public long used() {
    return used;
  }
}
