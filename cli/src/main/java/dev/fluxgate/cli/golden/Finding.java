package dev.fluxgate.cli.golden;

import org.jspecify.annotations.Nullable;

/**
 * One line of the error table: a tensor or a document of a case.
 *
 * @param subject name of the tensor or document
 * @param dtype its element type, "json" for a document, "file" for a container
 * @param deviation distance from the golden; none where ours could not be compared
 * @param tolerance what was allowed
 * @param passed whether it is within
 * @param note what is wrong, in words; empty if nothing is
 */
public record Finding(
    String subject,
    String dtype,
    @Nullable Deviation deviation,
    Tolerance tolerance,
    boolean passed,
    String note) {}
