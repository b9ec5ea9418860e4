// out[r] = R(table[ids[r]]): ids hold M numbers in any number of rows, table (vocabulary, N), out (M, N). One block of 256 threads
// a row of out, grid (M); no shared memory. A row of the table is read and one of out is written; memory-bound.
#include "elements.cuh"

constexpr int THREADS = 256;

KERNEL(256, 2) embed(ARGUMENT EmbeddingCall call) {
  const int idRow = block_x() / call.ids.columns;
  const int idColumn = block_x() % call.ids.columns;
  const i32 id = global_load((const i32*)call.ids.data + idRow * call.ids.stride + idColumn);
  for (int column = thread_x(); column < call.out.columns; column += THREADS) {
    store_element(call.out, block_x(), column, load_element(call.table, id, column));
  }
}
REGISTER(embed)
