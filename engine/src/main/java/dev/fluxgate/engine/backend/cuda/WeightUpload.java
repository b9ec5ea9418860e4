package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.cpu.vector.Conversion;
import dev.fluxgate.engine.backend.cuda.memory.DeviceBlock;
import dev.fluxgate.engine.backend.cuda.memory.DeviceRows;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.lang.foreign.MemorySegment;

/** Stored arrays → blocks of the device, converted and laid out on the way, some rows at a time. */
final class WeightUpload implements WeightContents {
  private final CudaDevice device;
  private final DType type;

  /** Converts to {@code type}. */
  WeightUpload(CudaDevice device, DType type) {
    this.device = device;
    this.type = type;
  }

  @Override
  public void rows(DeviceBlock block, WeightLayout layout, HostTensor stored) {
    long rowBytes = type.bytes(layout.columns());
    HostTensor matrix = stored.reshape(layout.rows(), layout.storedColumns());
    device.upload(
        DeviceRows.of(block),
        rowBytes,
        (offset, target) -> {
          long first = offset / rowBytes;
          HostTensor part = matrix.slice(first, target.byteSize() / rowBytes);
          if (layout.isPlain()) {
            Conversion.convert(part, type, target);
          } else {
            layOut(part, layout, target);
          }
        });
  }

  @Override
  public void values(DeviceBlock block, HostTensor stored) {
    HostTensor rounded = HostTensor.zeros(type, stored.shape());
    Conversion.convert(stored, type, rounded.data());
    HostTensor values = rounded.to(DType.F32);
    device.upload(
        DeviceRows.of(block),
        Float.BYTES,
        (offset, target) -> target.copyFrom(values.data().asSlice(offset, target.byteSize())));
  }

  private void layOut(HostTensor part, WeightLayout layout, MemorySegment target) {
    long rowBytes = type.bytes(layout.columns());
    long storedBytes = type.bytes(layout.storedColumns());
    HostTensor converted = HostTensor.zeros(type, part.slice(0, 1).shape());
    target.fill((byte) 0);
    for (int row = 0; row < part.shape().size(0); row++) {
      Conversion.convert(part.slice(row, 1), type, converted.data());
      MemorySegment to = target.asSlice(row * rowBytes, rowBytes);
      if (layout.taps() == 1) {
        MemorySegment.copy(converted.data(), 0, to, 0, storedBytes);
      } else {
        permute(converted.data(), layout, to);
      }
    }
  }

  private void permute(MemorySegment from, WeightLayout layout, MemorySegment to) {
    long bytes = type.bytes(1);
    for (int channel = 0; channel < layout.channels(); channel++) {
      for (int tap = 0; tap < layout.taps(); tap++) {
        long source = (long) channel * layout.taps() + tap;
        long target = (long) tap * layout.paddedChannels() + channel;
        MemorySegment.copy(from, source * bytes, to, target * bytes, bytes);
      }
    }
  }
}
