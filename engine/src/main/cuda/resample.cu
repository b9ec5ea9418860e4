// Every pixel becomes 2 x 2: x (batch * height * width, C), out (batch * 2 height * 2 width, C). A warp takes one pixel of out,
// 8 a block of 256 threads, grid (pixels of out / 8 up); no shared memory. x is read once from memory and three times from
// cache, out is written once: 2.5 C elements a pixel of out; memory-bound.
#include "elements.cuh"

constexpr int PIXELS = 8;

KERNEL(256, 2) upsample_nearest(ARGUMENT UpsampleCall call) {
  const i64 pixel = (i64)block_x() * PIXELS + thread_x() / 32;
  if (pixel >= call.out.rows) {
    return;
  }
  const int width = 2 * call.width;
  const int column = (int)(pixel % width);
  const i64 row = pixel / width;  // of all pictures, one below the other: each has an even number
  const i64 source = row / 2 * call.width + column / 2;
  for (int channel = thread_x() % 32; channel < call.out.columns; channel += 32) {
    store_element(call.out, pixel, channel, load_element(call.x, source, channel));
  }
}
REGISTER(upsample_nearest)
