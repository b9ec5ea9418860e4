// The left side of a convolution as a product: row p holds what the filter covers around pixel p of out, column
// tap * channels + c, zeros beyond the border and beyond the channels of x. A chunk of 8 columns lies in one tap.
#pragma once
#include "tile_product.cuh"

// A column of the product: an offset within the filter, and a channel of x; `channels` from it on are there, none beyond the
// last tap.
struct Tap {
  i32 y, x, channel, channels;
};

DEVICE Tap tap_of(const ConvolutionCall& call, int column) {
  const int tap = column / call.channels;
  const int channel = column - tap * call.channels;
  const bool there = tap < call.kernel * call.kernel;
  return {tap / call.kernel, tap % call.kernel, channel, there ? call.x.columns - channel : 0};
}

// Where the filter of a pixel of out starts in x: its pixel, counted over all pictures, and its place in the picture; either
// may lie outside.
struct Corner {
  i32 pixel, y, x;
};

DEVICE Corner corner_of(const ConvolutionCall& call, int row) {
  const int line = row / call.outWidth;
  const int picture = line / call.outHeight;
  const int y = (line - picture * call.outHeight) * call.stride - call.padBefore;
  const int x = (row - line * call.outWidth) * call.stride - call.padBefore;
  return {(picture * call.height + y) * call.width + x, y, x};
}

DEVICE bool inside(const ConvolutionCall& call, int y, int x) {
  return (u32)y < (u32)call.height && (u32)x < (u32)call.width;
}

// What a thread brings: the corners of its rows, and where a tap of them lies. Pictures are at most 32767 pixels high and wide.
template <int SIZE>
struct PixelRows {
  static constexpr int UNROLLED = 2;
  static constexpr int OWN = SIZE / ROWS_AT_ONCE;
  const ConvolutionCall& call;
  i32 pixel[OWN], place[OWN];

  MEMBER PixelRows(const ConvolutionCall& call, int first) : call(call) {
    UNROLL
    for (int i = 0; i < OWN; i++) {
      const int row = first + own_row() + i * ROWS_AT_ONCE;
      const Corner corner = corner_of(call, row);
      pixel[i] = corner.pixel;
      // A row beyond the last starts so far above the picture that no tap reaches it.
      place[i] = row < call.out.rows ? corner.y * 65536 | (corner.x & 65535) : (i32)0x80000000;
    }
  }
  MEMBER bool covers(int i, const Tap& tap) const {
    return inside(call, (place[i] >> 16) + tap.y, (i32)((u32)place[i] << 16) / 65536 + tap.x);
  }
  MEMBER const u16* channel_of(int i, const Tap& tap) const {
    return (const u16*)call.x.data + (i64)(pixel[i] + tap.y * call.width + tap.x) * call.x.stride + tap.channel;
  }
};

// By asynchronous copies: pixels are aligned to 16 bytes.
template <int SIZE>
struct AlignedPixels : PixelRows<SIZE> {
  using PixelRows<SIZE>::PixelRows;

  MEMBER void begin(u32 stage, int step) const {
    const Tap tap = tap_of(this->call, step * STEP + own_chunk() * CHUNK);
    const int bytes = 2 * clamped(tap.channels, CHUNK);
    UNROLL
    for (int i = 0; i < this->OWN; i++) {
      const bool there = bytes > 0 && this->covers(i, tap);
      const u16* from = there ? this->channel_of(i, tap) : (const u16*)this->call.x.data;
      copy_async_16(stage + chunk_offset(own_row() + i * ROWS_AT_ONCE, own_chunk()), from, there ? bytes : 0);
    }
  }
  MEMBER void finish(u32, int) const {}
};

// Of any alignment, element by element through registers.
template <int SIZE>
struct AnyPixels : PixelRows<SIZE> {
  Quad held[SIZE / ROWS_AT_ONCE];
  using PixelRows<SIZE>::PixelRows;

  MEMBER void begin(u32, int step) {
    const Tap tap = tap_of(this->call, step * STEP + own_chunk() * CHUNK);
    UNROLL
    for (int i = 0; i < this->OWN; i++) {
      const int there = this->covers(i, tap) ? tap.channels : 0;
      const u16* from = this->channel_of(i, tap);
      UNROLL
      for (int w = 0; w < 4; w++) {
        const u32 low = 2 * w < there ? global_load(from + 2 * w) : 0;
        const u32 high = 2 * w + 1 < there ? global_load(from + 2 * w + 1) : 0;
        held[i].word[w] = low | high << 16;
      }
    }
  }
  MEMBER void finish(u32 stage, int) const {
    UNROLL
    for (int i = 0; i < this->OWN; i++) {
      shared_store_quad(stage + chunk_offset(own_row() + i * ROWS_AT_ONCE, own_chunk()), held[i]);
    }
  }
};
