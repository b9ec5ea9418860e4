/**
 * Golden cases → the distance of our results from the reference's. Start at {@link
 * dev.fluxgate.cli.golden.GoldenRunner}.
 */
@NullMarked
package dev.fluxgate.cli.golden;

import org.jspecify.annotations.NullMarked;
