/**
 * The operations of golden cases in terms of our code. Start at {@link
 * dev.fluxgate.cli.golden.operation.GoldenOperations}.
 */
@NullMarked
package dev.fluxgate.cli.golden.operation;

import org.jspecify.annotations.NullMarked;
