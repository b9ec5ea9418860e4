package dev.fluxgate.engine.backend.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxgate.engine.tensor.BFloat16;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RowMomentsTest {
  private static final float EPS = 1e-6f;

  /** Means and rsqrt(variance + eps) that torch 2.15.0's native_group_norm gives on a CPU. */
  @ParameterizedTest
  @CsvSource({
    "true, 7, -0x1.499248p+0, 0x1.fe4f42p-3",
    "true, 40, -0x1.1399a8p-5, 0x1.fb81d4p-3",
    "true, 256, 0x1.4f3404p-5, 0x1.00be26p-2",
    "true, 777, 0x1.042636p-4, 0x1.00a676p-2",
    "true, 3072, 0x1.cfe952p-5, 0x1.00a062p-2",
    "true, 40000, 0x1.c2a5d0p-5, 0x1.009bccp-2",
    "false, 7, -0x1.4a2d88p+0, 0x1.fdd334p-3",
    "false, 40, -0x1.12f6eap-5, 0x1.fb50e0p-3",
    "false, 256, 0x1.52e222p-5, 0x1.00be5ap-2",
    "false, 777, 0x1.03ebc6p-4, 0x1.00a778p-2",
    "false, 3072, 0x1.cfca68p-5, 0x1.009f92p-2",
    "false, 40000, 0x1.c28276p-5, 0x1.009b6ap-2"
  })
  void addsInTheOrderOfTheReference(boolean rounded, int count, String mean, String factor) {
    RowMoments moments = new RowMoments(rounded);
    moments.of(row(rounded, count), count);
    assertThat(moments.mean()).isEqualTo(Float.parseFloat(mean));
    assertThat((float) (1 / Math.sqrt((double) moments.variance() + EPS)))
        .isEqualTo(Float.parseFloat(factor));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void beginsAnewAfterEachRow(boolean rounded) {
    RowMoments used = new RowMoments(rounded);
    used.of(row(rounded, 5000), 5000);
    used.of(row(rounded, 900), 900);
    RowMoments fresh = new RowMoments(rounded);
    fresh.of(row(rounded, 900), 900);
    assertThat(used.mean()).isEqualTo(fresh.mean());
    assertThat(used.variance()).isEqualTo(fresh.variance());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 300, 5000})
  void findsNoVarianceInARowOfOneValue(int count) {
    float[] row = new float[count];
    Arrays.fill(row, 1234.5f);
    RowMoments moments = new RowMoments(false);
    moments.of(row, count);
    assertThat(moments.mean()).isEqualTo(1234.5f);
    assertThat(moments.variance()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void staysExactFarFromZero(boolean rounded) {
    float[] row = new float[10_000];
    for (int i = 0; i < row.length; i++) {
      row[i] = 30_000 + i % 2 * 256;
    }
    RowMoments moments = new RowMoments(rounded);
    moments.of(row, row.length);
    assertThat(moments.mean()).isCloseTo(30_128f, within(0.01f));
    assertThat(moments.variance()).isCloseTo(128f * 128, within(1f));
  }

  /** Columns taken block by block are the columns taken one after the other as one row. */
  @ParameterizedTest
  @CsvSource({"true, 1", "true, 3", "true, 8", "false, 1", "false, 6"})
  void columnsAreAsOneRow(boolean rounded, int blocks) {
    int columns = 2 * Lanes.COUNT;
    int rows = ColumnMoments.rows(rounded);
    float[] matrix = row(rounded, blocks * rows * columns);
    float[] leaves = new float[columns * blocks * ColumnMoments.LEAF];
    ColumnMoments side = new ColumnMoments(rounded, columns);
    int half = rows / 2 * columns;
    for (int block = 0; block < blocks; block++) {
      side.add(Arrays.copyOfRange(matrix, 2 * block * half, (2 * block + 1) * half), 0);
      side.add(Arrays.copyOfRange(matrix, (2 * block + 1) * half, (2 * block + 2) * half), 1);
      side.store(leaves, block * ColumnMoments.LEAF, blocks * ColumnMoments.LEAF);
    }
    RowMoments joined = new RowMoments(rounded);
    for (int leaf = 0; leaf < columns * blocks; leaf++) {
      joined.addLeaf(leaves, leaf * ColumnMoments.LEAF);
    }
    joined.finish(leaves, 0, 0);
    float[] one = new float[matrix.length];
    for (int i = 0; i < one.length; i++) {
      one[i] = matrix[i % (blocks * rows) * columns + i / (blocks * rows)];
    }
    RowMoments row = new RowMoments(rounded);
    row.of(one, one.length);
    assertThat(joined.mean()).isEqualTo(row.mean());
    assertThat(joined.variance()).isEqualTo(row.variance());
  }

  private static float[] row(boolean rounded, int count) {
    float[] row = new float[count];
    for (int i = 0; i < count; i++) {
      float value = (i * 7919L % 1009 - 500) * 0.0137f;
      row[i] = rounded ? BFloat16.round(value) : value;
    }
    return row;
  }
}
