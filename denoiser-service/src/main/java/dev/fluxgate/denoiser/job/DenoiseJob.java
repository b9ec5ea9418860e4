package dev.fluxgate.denoiser.job;

import dev.fluxgate.denoiser.picture.Drawing;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One lease and what it is for.
 *
 * @param lease the right to work on it
 * @param drawing what to draw
 * @param promptEmbeds embeds of the prompt
 * @param negativePromptEmbeds embeds of the empty prompt, where the model guides without a
 *     classifier
 * @param timeLeft until the job expires; null: never
 * @param traceId ties the log lines of one request together
 */
public record DenoiseJob(
    Lease lease,
    Drawing drawing,
    EmbeddingRef promptEmbeds,
    @Nullable EmbeddingRef negativePromptEmbeds,
    @Nullable Duration timeLeft,
    String traceId) {}
