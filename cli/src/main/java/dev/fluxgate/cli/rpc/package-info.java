/**
 * The command line's side of the wire. Start at {@link dev.fluxgate.cli.rpc.ImageGenerationClient}.
 */
@NullMarked
package dev.fluxgate.cli.rpc;

import org.jspecify.annotations.NullMarked;
