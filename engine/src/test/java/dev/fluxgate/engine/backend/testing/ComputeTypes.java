package dev.fluxgate.engine.backend.testing;

import dev.fluxgate.engine.tensor.DType;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A test of one op, run for activations of float32 and of bfloat16. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@EnumSource(
    value = DType.class,
    names = {"F32", "BF16"})
@interface ComputeTypes {}
