/**
 * Why a call was refused → what its caller reads; start at {@link
 * dev.fluxgate.gateway.http.problem.Problem}.
 */
@NullMarked
package dev.fluxgate.gateway.http.problem;

import org.jspecify.annotations.NullMarked;
