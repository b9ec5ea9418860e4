/**
 * Model folders → weights on a back end, one type a family. Start at {@link
 * dev.fluxgate.denoiser.model.DenoiserModel}.
 */
@NullMarked
package dev.fluxgate.denoiser.model;

import org.jspecify.annotations.NullMarked;
