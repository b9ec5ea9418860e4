package dev.fluxgate.engine.backend.cuda.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests on a CUDA driver: the fake one, or the one that {@code -Dfluxgate.cuda.driver} names. Where
 * there is none, tests are skipped and say why; {@code -Drequire=cuda} lets them fail instead.
 * After each test nothing may be left on the fake device.
 */
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(CudaExtension.class)
public @interface NeedsCuda {
  /** Whether it must be the fake driver, because the tests order faults. */
  boolean fake() default false;
}
