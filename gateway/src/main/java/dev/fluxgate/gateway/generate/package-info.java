/**
 * Request → job → image: the page that calls everything else in order is {@link
 * dev.fluxgate.gateway.generate.ImageGeneration}.
 */
@NullMarked
package dev.fluxgate.gateway.generate;

import org.jspecify.annotations.NullMarked;
