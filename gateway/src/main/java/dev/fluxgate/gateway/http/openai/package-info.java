/**
 * OpenAI's call for pictures → a job, its end, its pictures; start at {@link
 * dev.fluxgate.gateway.http.openai.OpenAiRoutes}.
 */
@NullMarked
package dev.fluxgate.gateway.http.openai;

import org.jspecify.annotations.NullMarked;
