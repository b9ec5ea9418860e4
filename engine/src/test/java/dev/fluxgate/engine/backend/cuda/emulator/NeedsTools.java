package dev.fluxgate.engine.backend.cuda.emulator;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that build the emulator and run its programs, which takes g++ and Python 3 on x86-64 Linux.
 * Elsewhere they are skipped and say why; {@code -Drequire=cuda} lets them fail instead.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ToolsCondition.class)
@interface NeedsTools {}
