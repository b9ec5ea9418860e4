// Group norm over pictures x (batch * pixels, C): a group holds the pixels of a picture in C / groups neighbouring channels.
//
// group_norm_statistics: statistics[picture, group, split] = (mean, sum of squared distances from it) of a run of pixels. Grid
// (splits, groups, batch), 256 threads, 64 dynamic shared bytes. Reads x once from memory, once from cache.
// group_norm_apply: out = activation(R(w * (x - mean) * rsqrt(variance + eps) + b)). A block takes 128 pixels of a picture in all
// channels, grid (pixels / 128 up, batch), 256 threads, 8 * groups dynamic shared bytes. Reads x once, writes out once.
// Both memory-bound. Splits of 256 pixels or more, but not more than 64 of them, keep a GPU busy and the second kernel's sums
// short.
#include "elements.cuh"
#include "reduction.cuh"

constexpr int THREADS = 256, WARPS = THREADS / 32;
constexpr int PIXELS = 128;

DEVICE int run_length(const GroupNormCall& call) { return (call.pixels + call.splits - 1) / call.splits; }

// Pixels of a run; the last may be short or empty.
DEVICE int run_pixels(const GroupNormCall& call, int split) {
  const i64 left = call.pixels - (i64)split * run_length(call);
  return left < 0 ? 0 : left < run_length(call) ? (int)left : run_length(call);
}

DEVICE float* statistics_of(const GroupNormCall& call, int picture, int group, int split) {
  return call.statistics + (((i64)picture * call.groups + group) * call.splits + split) * 2;
}

KERNEL(256, 2) group_norm_statistics(ARGUMENT GroupNormCall call) {
  const int split = block_x(), group = block_y(), picture = block_z();
  const int width = call.x.columns / call.groups;
  const int pixels = run_pixels(call, split);
  const i64 first = (i64)picture * call.pixels + (i64)split * run_length(call);
  const auto sum_of = [&](u32 scratch, auto term) {
    float sum = 0.f;
    for (i64 i = thread_x(); i < (i64)pixels * width; i += THREADS) {
      const i64 pixel = i / width;
      sum = term(load_element(call.x, first + pixel, group * width + (i - pixel * width)), sum);
    }
    return block_sum<THREADS>(sum, scratch);
  };
  const float count = pixels == 0 ? 1.f : (float)pixels * (float)width;
  const float mean = quotient(sum_of(shared_base(), [](float x, float sum) { return sum + x; }), count);
  const float squares = sum_of(shared_base() + SUM_BYTES<THREADS>,
                               [=](float x, float sum) { return multiply_add(x - mean, x - mean, sum); });
  if (thread_x() == 0) {
    global_store(statistics_of(call, picture, group, split), mean);
    global_store(statistics_of(call, picture, group, split) + 1, squares);
  }
}
REGISTER(group_norm_statistics)

// Leaves mean and rsqrt(variance + eps) of every group of a picture in shared memory.
DEVICE void combine_runs(const GroupNormCall& call, int picture) {
  const float width = (float)(call.x.columns / call.groups);
  const float count = (float)call.pixels * width;
  for (int group = thread_x(); group < call.groups; group += THREADS) {
    float mean = 0.f;
    for (int split = 0; split < call.splits; split++) {
      const float share = quotient((float)run_pixels(call, split), (float)call.pixels);
      mean = multiply_add(share, global_load(statistics_of(call, picture, group, split)), mean);
    }
    float squares = 0.f;
    for (int split = 0; split < call.splits; split++) {
      const float* run = statistics_of(call, picture, group, split);
      const float distance = global_load(run) - mean;
      squares += multiply_add((float)run_pixels(call, split) * width * distance, distance, global_load(run + 1));
    }
    shared_store_f32(shared_base() + group * 8, mean);
    shared_store_f32(shared_base() + group * 8 + 4, inverse_root(squares, count, call.eps));
  }
}

KERNEL(256, 2) group_norm_apply(ARGUMENT GroupNormCall call) {
  const int picture = block_y();
  combine_runs(call, picture);
  block_barrier();
  const int width = call.x.columns / call.groups;
  const int end = (block_x() + 1) * PIXELS < call.pixels ? (block_x() + 1) * PIXELS : call.pixels;
  for (int channel = thread_x() % 32; channel < call.x.columns; channel += 32) {
    const u32 group = shared_base() + channel / width * 8;
    const float mean = shared_load_f32(group), factor = shared_load_f32(group + 4);
    const float weight = global_load(call.weight + channel), bias = global_load(call.bias + channel);
    for (int pixel = block_x() * PIXELS + thread_x() / 32; pixel < end; pixel += WARPS) {
      const i64 row = (i64)picture * call.pixels + pixel;
      const float normed = (load_element(call.x, row, channel) - mean) * factor;
      const float value = rounded(multiply_add(normed, weight, bias), call.out.type);
      store_element(call.out, row, channel, call.activation == SILU ? silu(value) : value);
    }
  }
}
REGISTER(group_norm_apply)
