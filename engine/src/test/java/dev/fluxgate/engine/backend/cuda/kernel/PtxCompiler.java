package dev.fluxgate.engine.backend.cuda.kernel;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fluxgate.engine.backend.library.NativeFiles;
import java.nio.file.Path;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/**
 * NVIDIA's compiler of PTX as JCuda carries it, release 12.0: that of a driver which reads none of
 * our machine code.
 */
final class PtxCompiler {
  private static final int SUCCESS = 0;

  private PtxCompiler() {}

  /** What it made of an image. */
  record Outcome(int status, String log) {
    boolean isSuccess() {
      return status == SUCCESS;
    }
  }

  /** Unpacks the library to {@code folder} and loads it. */
  static void load(Path folder) {
    String library = LibUtils.createPlatformLibraryName("JNvPTXCompiler-" + JCudaVersion.get());
    Path file =
        NativeFiles.of("JCuda", "lib", folder).file(LibUtils.createLibraryFileName(library));
    // As JCudaNatives does it: JCuda would take what lies in a folder that all users share.
    String shared = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", file.resolveSibling("").toString());
    try {
      JNvPTXCompiler.setExceptionsEnabled(false);
    } finally {
      System.setProperty("java.io.tmpdir", shared);
    }
  }

  /** Compiles {@code ptx} for {@code architecture}, such as {@code sm_86}. */
  static Outcome compile(byte[] ptx, String architecture) {
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    int created = JNvPTXCompiler.nvPTXCompilerCreate(compiler, ptx.length, ptx);
    if (created != SUCCESS) {
      return new Outcome(created, "not even taken for PTX");
    }
    String[] options = {"--gpu-name=" + architecture, "--verbose"};
    int status = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
    Outcome outcome = new Outcome(status, log(compiler, status == SUCCESS));
    JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
    return outcome;
  }

  private static String log(nvPTXCompilerHandle compiler, boolean success) {
    long[] size = {0};
    if (success) {
      JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(compiler, size);
    } else {
      JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size);
    }
    byte[] log = new byte[(int) size[0] + 1];
    if (success) {
      JNvPTXCompiler.nvPTXCompilerGetInfoLog(compiler, log);
    } else {
      JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log);
    }
    return new String(log, 0, (int) size[0], US_ASCII);
  }
}
