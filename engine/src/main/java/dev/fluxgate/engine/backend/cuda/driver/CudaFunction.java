package dev.fluxgate.engine.backend.cuda.driver;

/**
 * A kernel of a loaded module.
 *
 * @param name its symbol
 * @param handle a {@code CUfunction}
 * @param threads of a block
 * @param sharedBytes the most dynamic shared memory of a block
 */
public record CudaFunction(String name, long handle, int threads, int sharedBytes) {}
