package dev.fluxgate.engine.backend.cuda.emulator;

import dev.fluxgate.engine.backend.library.NativeFiles;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What {@link NeedsTools} promises. */
final class ToolsCondition implements ExecutionCondition {
  private static final String PLATFORM = "linux-x86_64";

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<String> obstacle = obstacle();
    if (obstacle.isEmpty()) {
      return ConditionEvaluationResult.enabled("g++ and Python 3 are there");
    }
    if ("cuda".equals(System.getProperty("require"))) {
      throw new IllegalStateException("cuda is required, but " + obstacle.get());
    }
    return ConditionEvaluationResult.disabled(obstacle.get());
  }

  private static Optional<String> obstacle() {
    if (!NativeFiles.platform().equals(PLATFORM)) {
      return Optional.of(
          "the emulator runs on %s alone (found: %s)".formatted(PLATFORM, NativeFiles.platform()));
    }
    String compiler = System.getenv("CXX");
    return Stream.of(compiler == null ? "g++" : compiler, "python3")
        .filter(tool -> !isOnPath(tool))
        .findFirst()
        .map(tool -> "no " + tool + " found (Debian, Ubuntu: apt-get install g++ python3)");
  }

  private static boolean isOnPath(String tool) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Arrays.stream(path.split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(tool)));
  }
}
