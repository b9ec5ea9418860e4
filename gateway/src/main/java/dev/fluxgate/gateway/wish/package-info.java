/**
 * What a request may ask for beside a prompt and a size. Checked where the request is; what is
 * absent stays so and is the pipeline's own matter.
 */
@NullMarked
package dev.fluxgate.gateway.wish;

import org.jspecify.annotations.NullMarked;
