/**
 * Jobs and models of a server → what a person or a script reads. Start at {@link
 * dev.fluxgate.cli.client.JobsCommand}.
 */
@NullMarked
package dev.fluxgate.cli.client;

import org.jspecify.annotations.NullMarked;
