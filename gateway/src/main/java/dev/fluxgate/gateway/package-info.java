/**
 * The gateway: requests in, jobs to workers, pictures out. It moves bytes and never opens a tensor;
 * start at {@link dev.fluxgate.gateway.generate.ImageGeneration}.
 */
@NullMarked
package dev.fluxgate.gateway;

import org.jspecify.annotations.NullMarked;
