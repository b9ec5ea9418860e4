/** Whether a device computes what it should: ops, and a picture. */
@NullMarked
package dev.fluxgate.cli.selftest;

import org.jspecify.annotations.NullMarked;
