// Which tile of out a block makes. Blocks run about in the order of their numbers; eight rows of tiles at a time go column by
// column, so that those at work together share the rows of both sides in the cache.
#pragma once
#include "primitives.cuh"

struct TilePlace {
  int row, column;  // of tiles
};

// Of a grid (columns of tiles, `rows` of tiles).
DEVICE TilePlace place_of_block(int rows) {
  constexpr int GROUP = 8;
  const i64 number = (i64)block_y() * blocks_x() + block_x();
  const int first = (int)(number / (GROUP * (i64)blocks_x())) * GROUP;
  const int within = (int)(number - (i64)first * blocks_x());
  const int height = rows - first < GROUP ? rows - first : GROUP;
  return {first + within % height, within / height};
}
