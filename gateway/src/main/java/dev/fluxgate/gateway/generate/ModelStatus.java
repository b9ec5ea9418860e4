package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.worker.DrawingModel;

/**
 * A model that can be asked for.
 *
 * @param model what it is
 * @param workers how many are attached with it
 * @param ready whether a job can run now: a worker is attached and an encoder answers
 */
public record ModelStatus(DrawingModel model, int workers, boolean ready) {}
