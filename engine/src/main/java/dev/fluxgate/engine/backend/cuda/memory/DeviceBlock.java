package dev.fluxgate.engine.backend.cuda.memory;

/**
 * Device memory in use.
 *
 * @param address of the first byte, aligned to 256
 * @param byteSize how many bytes were asked for
 * @param capacity how many there are
 */
public record DeviceBlock(long address, long byteSize, long capacity) {}
