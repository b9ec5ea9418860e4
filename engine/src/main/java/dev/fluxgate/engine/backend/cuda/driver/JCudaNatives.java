package dev.fluxgate.engine.backend.cuda.driver;

import dev.fluxgate.engine.backend.library.NativeFiles;
import java.nio.file.Path;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import jcuda.driver.JCudaDriver;

/** The native half of JCuda, loaded from the cache of the user. */
final class JCudaNatives {
  private JCudaNatives() {}

  /**
   * Loads it, once the driver library is there.
   *
   * @throws LinkageError if it does not fit this machine
   */
  static void load() {
    String library = LibUtils.createPlatformLibraryName("JCudaDriver-" + JCudaVersion.get());
    Path file =
        NativeFiles.of("JCuda", "lib", NativeFiles.userCache().resolve("jcuda"))
            .file(LibUtils.createLibraryFileName(library));
    // JCuda would unpack to a folder that all users share, under a name that anybody can guess, and
    // load whatever lies there. It finds our copy in its place. Nothing else asks for the folder
    // while the class initialises: the JDK has read the property when it started.
    String shared = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", file.resolveSibling("").toString());
    try {
      JCudaDriver.setExceptionsEnabled(false);
    } finally {
      System.setProperty("java.io.tmpdir", shared);
    }
  }
}
