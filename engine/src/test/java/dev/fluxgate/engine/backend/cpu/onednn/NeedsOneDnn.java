package dev.fluxgate.engine.backend.cpu.onednn;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIf;

/** Skips tests on a platform that oneDNN is not built for. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
    value = "dev.fluxgate.engine.backend.cpu.onednn.NeedsOneDnn$Condition#isMet",
    disabledReason = "no oneDNN for this platform")
public @interface NeedsOneDnn {

  /** Whether the library can be used. */
  final class Condition {
    private Condition() {}

    static boolean isMet() {
      return OneDnnLibrary.whyUnavailable().isEmpty();
    }
  }
}
