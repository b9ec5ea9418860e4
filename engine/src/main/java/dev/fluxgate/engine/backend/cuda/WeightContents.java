package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.cuda.memory.DeviceBlock;
import dev.fluxgate.engine.tensor.HostTensor;

/** Where the bytes of weights come from. */
sealed interface WeightContents permits WeightUpload, WeightFill {

  /** Fills {@code block} with the rows of {@code stored}, one for each entry of its first axis. */
  void rows(DeviceBlock block, WeightLayout layout, HostTensor stored);

  /** Fills {@code block} with {@code stored}, rounded, as float32. */
  void values(DeviceBlock block, HostTensor stored);
}
