package dev.fluxgate.engine.backend.cuda.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.cuda.kernel.CudaCalls.Steps;
import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Java writes as the argument of a kernel, read by a program that includes calls.cuh. */
@NeedsCuda(fake = true)
final class CudaCallsTest {
  private static final Path ENGINE = Path.of(System.getProperty("fluxgate.root"), "engine");

  private static final String EXPECTED =
      """
      LinearCall
      x 0x1000 100 1 2 1
      weight 0x2000 200 2 4 0
      bias 0xb0
      epilogue 9
      bias 0xb1
      operand 0x3000 300 3 6 1
      gate 0x4000 400 4 8 0
      out 0x5000 500 5 10 1
      ConvolutionCall
      x 0x6000 600 6 12 0
      filter 0x7000 700 7 14 1
      bias 0xb2
      epilogue 0
      bias (nil)
      operand (nil) 0 0 0 0
      gate (nil) 0 0 0 0
      out 0x8000 800 8 16 0
      height 11
      width 12
      outHeight 13
      outWidth 14
      kernel 15
      stride 16
      padBefore 17
      channels 18
      AttentionCall
      q 0x9000 900 9 18 1
      k 0xa000 1000 10 20 0
      v 0xb000 1100 11 22 1
      out 0xc000 1200 12 24 0
      bias 0xd000 1300 13 26 1
      batch 21
      queries 22
      keys 23
      quick 16
      heads 24
      keyValueHeads 25
      headDim 26
      causal 1
      scale 0.5
      first[0] 27
      first[1] 28
      first[31] 0
      end[0] 29
      end[1] 30
      end[31] 0
      RotationCall
      x 0xe000 1400 14 28 0
      out 0xf000 1500 15 30 1
      cos 0x10000 1600 16 32 0
      sin 0x11000 1700 17 34 1
      weight 0xb3
      eps 0.25
      heads 31
      order 1
      pairing 0
      RmsNormCall
      x 0x12000 1800 18 36 0
      out 0x13000 1900 19 38 1
      weight 0xb4
      eps 0.125
      ModulationCall
      x 0x14000 2000 20 40 0
      shift 0x15000 2100 21 42 1
      scale 0x16000 2200 22 44 0
      out 0x17000 2300 23 46 1
      eps 1.5
      GroupNormCall
      x 0x18000 2400 24 48 0
      out 0x19000 2500 25 50 1
      weight 0xb5
      bias 0xb6
      statistics 0xb7
      batch 41
      pixels 42
      groups 43
      splits 44
      eps 2.5
      activation 1
      UpsampleCall
      x 0x1a000 2600 26 52 0
      out 0x1b000 2700 27 54 1
      batch 51
      height 52
      width 53
      EmbeddingCall
      ids 0x1c000 2800 28 56 0
      table 0x1d000 2900 29 58 1
      out 0x1e000 3000 30 60 0
      ElementwiseCall
      a 0x1f000 3100 31 62 1
      b 0x20000 3200 32 64 0
      out 0x21000 3300 33 66 1
      factor 3.5
      LayerNormCall
      x 0x22000 3400 34 68 0
      out 0x23000 3500 35 70 1
      weight 0xb8
      bias 0xb9
      eps 0.75
      BlendCall
      kept 0x24000 3600 36 72 0
      repainted 0x25000 3700 37 74 1
      mask 0x26000 3800 38 76 0
      out 0x27000 3900 39 78 1
      """;

  private int matrices;

  @Test
  void writesTheStructuresThatKernelsRead(@TempDir Path folder)
      throws IOException, InterruptedException {
    Path program = folder.resolve("print_calls");
    run(
        List.of(),
        "g++",
        "-std=c++20",
        "-DFLUXGATE_EMULATOR",
        "-I" + ENGINE.resolve("src/main/cuda"),
        "-I" + ENGINE.resolve("src/emulator"),
        "-o",
        program.toString(),
        ENGINE.resolve("src/test/cpp/print_calls.cpp").toString());
    assertThat(run(calls(), program.toString())).isEqualTo(EXPECTED);
  }

  private List<MemorySegment> calls() {
    return List.of(
        CudaCalls.linear(
            matrix(),
            matrix(),
            0xb0,
            new Steps(Steps.GATED_ADD, 0xb1, matrix(), matrix()),
            matrix()),
        CudaCalls.convolution(
            matrix(),
            matrix(),
            0xb2,
            Steps.of(Steps.STORE),
            matrix(),
            new CudaCalls.Picture(11, 12, 13, 14, 15, 16, 17),
            18),
        CudaCalls.attention(
            new CudaCalls.AttentionOperands(matrix(), matrix(), matrix(), matrix(), matrix()),
            new CudaCalls.AttentionSizes(21, 22, 23, 16, 24, 25, 26),
            true,
            0.5f,
            new int[] {27, 28},
            new int[] {29, 30}),
        CudaCalls.rotation(
            matrix(), matrix(), matrix(), matrix(), new CudaCalls.Rotation(0xb3, 0.25f, 31, 1, 0)),
        CudaCalls.rmsNorm(matrix(), matrix(), 0xb4, 0.125f),
        CudaCalls.modulation(matrix(), matrix(), matrix(), matrix(), 1.5f),
        CudaCalls.groupNorm(
            matrix(),
            matrix(),
            new CudaCalls.Grouping(0xb5, 0xb6, 0xb7, 41, 42, 43, 44, 2.5f, Steps.SILU)),
        CudaCalls.upsample(matrix(), matrix(), 51, 52, 53),
        CudaCalls.embedding(matrix(), matrix(), matrix()),
        CudaCalls.elementwise(matrix(), matrix(), matrix(), 3.5f),
        CudaCalls.layerNorm(matrix(), matrix(), 0xb8, 0xb9, 0.75f),
        CudaCalls.blend(matrix(), matrix(), matrix(), matrix()));
  }

  /** Another matrix at every call, told apart by all of its fields. */
  private DeviceMatrix matrix() {
    matrices++;
    return new DeviceMatrix(
        matrices * 0x1000L, matrices * 100L, matrices, 2 * matrices, matrices % 2);
  }

  private static String run(List<MemorySegment> input, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (OutputStream in = process.getOutputStream()) {
      for (MemorySegment call : input) {
        in.write(call.toArray(JAVA_BYTE));
      }
    }
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
