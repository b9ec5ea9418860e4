@NullMarked
package dev.fluxgate.engine.backend.library;

import org.jspecify.annotations.NullMarked;
