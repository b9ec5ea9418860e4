package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start script in a checkout of its own, with JDKs whose java only tells how it was called. */
class StartScriptTest {
  private static final String TELL =
      """
      #!/bin/sh
      echo "jdk=${0%/bin/java}"
      echo "LC_ALL=${LC_ALL:-}"
      echo "driver=${FLUXGATE_CUDA_DRIVER:-}"
      for argument; do echo "argument=$argument"; done
      exit 7
      """;
  private static final String TELL_MAVEN =
      """
      #!/bin/sh
      echo "mvnw $* with $JAVA_HOME"
      """;

  @TempDir private Path folder;
  private Path checkout;
  private Path machine;

  @BeforeEach
  void makesACheckoutThatIsBuilt() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")));
    checkout = folder.resolve("a check out");
    machine = folder.resolve("machine");
    Path build = Files.createDirectories(checkout.resolve("cli/target/fluxgate"));
    Files.copy(Path.of(System.getProperty("fluxgate.root"), "fluxgate"), script());
    executable(script());
    Files.createDirectories(checkout.resolve("cli/src/main"));
    Files.createDirectories(checkout.resolve(".mvn"));
    Files.writeString(checkout.resolve("pom.xml"), "");
    Files.writeString(build.resolve("start.aot"), "");
    Files.writeString(build.resolve("fluxgate.jar"), "");
    age(build.resolve("fluxgate.jar"), 0);
    age(build.resolve("start.aot"), -60);
    try (var inputs = Files.walk(checkout)) {
      for (Path input : inputs.filter(each -> !each.startsWith(build)).toList()) {
        age(input, 60);
      }
    }
  }

  @Test
  void prefersJavaHomeIfThatIsRight() throws Exception {
    Path home = jdk("elsewhere/jdk", "25.0.1");
    jdk("usr/lib/jvm/temurin-25", "25.0.3");

    assertThat(run(Map.of("JAVA_HOME", home.toString()), "doctor")).contains("jdk=" + home);
  }

  @Test
  void passesOverAnOlderDefault() throws Exception {
    Path older = jdk("usr/lib/jvm/java-17", "17.0.15");
    Path right = jdk("usr/lib/jvm/temurin-25", "25");
    String path = older.resolve("bin") + ":/usr/bin:/bin";

    assertThat(run(Map.of("JAVA_HOME", older.toString(), "PATH", path), "doctor"))
        .contains("jdk=" + right);
  }

  @Test
  void followsTheLinkOnThePath() throws Exception {
    Path right = jdk("somewhere/jdk-25", "25.0.3");
    Path bin = Files.createDirectories(machine.resolve("links"));
    Files.createSymbolicLink(bin.resolve("java"), right.resolve("bin/java"));

    assertThat(run(Map.of("PATH", bin + ":/usr/bin:/bin"), "doctor")).contains("jdk=" + right);
  }

  @Test
  void looksWhereSdkManagersPutThem() throws Exception {
    for (String place :
        List.of(
            "home/.sdkman/candidates/java/25.0.3-tem",
            "home/.jdks/temurin-25.0.3",
            "home/.local/share/mise/installs/java/temurin-25",
            "opt/jdk-25",
            "Library/Java/JavaVirtualMachines/temurin-25.jdk/Contents/Home")) {
      Path right = jdk(place, "25.0.3");
      assertThat(run(Map.of(), "doctor")).contains("jdk=" + right);
      Files.delete(right.resolve("release"));
    }
  }

  @Test
  void saysWhatToDoWithoutAJdk() throws Exception {
    jdk("usr/lib/jvm/java-17", "17.0.15");
    jdk("usr/lib/jvm/java-24", "24");
    Files.delete(jdk("usr/lib/jvm/jre-25", "25").resolve("bin/javac"));

    assertThat(run(Map.of(), "doctor"))
        .contains("no JDK 25 found", "apt-get install openjdk-25", "exit=1");
  }

  @Test
  void handsArgumentsAndExitCodeOnUnchanged() throws Exception {
    jdk("usr/lib/jvm/temurin-25", "25");

    assertThat(run(Map.of(), "generate", "a  \"red\" $HOME *", ""))
        .contains("argument=generate\nargument=a  \"red\" $HOME *\nargument=\n", "exit=7");
  }

  @Test
  void collectsGarbageBesideTheWorkOfAGatewayAlone() throws Exception {
    jdk("usr/lib/jvm/temurin-25", "25");

    assertThat(run(Map.of(), "gateway")).contains("-XX:+UseG1GC").doesNotContain("UseSerialGC");
    assertThat(run(Map.of(), "denoiser")).contains("-XX:+UseSerialGC").doesNotContain("UseG1GC");
  }

  @Test
  void givesTheJvmALocaleThatCanSpellPrompts() throws Exception {
    jdk("usr/lib/jvm/temurin-25", "25");

    assertThat(run(Map.of("LC_ALL", "C"), "doctor")).contains("LC_ALL=C.UTF-8");
    assertThat(run(Map.of("LC_ALL", "xx_XX.none"), "doctor")).contains("LC_ALL=C.UTF-8");
    assertThat(run(Map.of("LC_ALL", "C.utf8"), "doctor")).contains("LC_ALL=C.utf8");
  }

  @Test
  void buildsWithTheSameJdkWhenASourceIsYounger() throws Exception {
    Path right = jdk("usr/lib/jvm/temurin-25", "25");
    Path mvnw = Files.writeString(checkout.resolve("mvnw"), TELL_MAVEN);
    executable(mvnw);
    Files.writeString(checkout.resolve("cli/src/main/Young.java"), "");
    age(checkout.resolve("cli/src/main/Young.java"), -30);

    assertThat(run(Map.of(), "doctor")).contains("fluxgate: building", "jdk=" + right);
    assertThat(checkout.resolve("cli/target/fluxgate/build.log"))
        .content()
        .contains("package -pl cli -am", "with " + right);
  }

  @Test
  void stopsWhenTheBuildFails() throws Exception {
    jdk("usr/lib/jvm/temurin-25", "25");
    Files.delete(checkout.resolve("cli/target/fluxgate/fluxgate.jar"));
    Path mvnw =
        Files.writeString(checkout.resolve("mvnw"), "echo '[ERROR] no such symbol'; exit 1");
    executable(mvnw);

    assertThat(run(Map.of(), "doctor"))
        .contains("no such symbol", "the build failed", "exit=1")
        .doesNotContain("jdk=");
  }

  @Test
  void testsRunEveryGate() throws Exception {
    Path right = jdk("usr/lib/jvm/temurin-25", "25");
    Path mvnw = Files.writeString(checkout.resolve("mvnw"), TELL_MAVEN);
    executable(mvnw);

    assertThat(run(Map.of(), "test")).contains("mvnw -B -ntp verify with " + right);
  }

  @Test
  void buildsTheFakeCudaDriverOnDemand() throws Exception {
    jdk("usr/lib/jvm/temurin-25", "25");
    Path emulator = Files.createDirectories(checkout.resolve("engine/src/emulator"));
    Path build = emulator.resolve("build");
    executable(Files.writeString(build, "#!/bin/sh\necho \"build $*\"\n"));

    assertThat(run(Map.of(), "doctor")).contains("driver=\n").doesNotContain("build --quiet");
    assertThat(run(Map.of("FLUXGATE_FAKE_CUDA", "1"), "doctor"))
        .contains("build --quiet")
        .contains("driver=" + checkout.resolve("engine/target/fake-cuda/libcuda.so.1"));

    executable(Files.writeString(build, "#!/bin/sh\necho no compiler; exit 3\n"));
    assertThat(run(Map.of("FLUXGATE_FAKE_CUDA", "1"), "doctor"))
        .contains("no compiler", "exit=1")
        .doesNotContain("driver=");
  }

  @Test
  void packsABundleOfWhatIsBuilt() throws Exception {
    Path right = jdk("usr/lib/jvm/temurin-25", "25");
    Path pack = Files.createDirectories(checkout.resolve("deploy/bundle")).resolve("build");
    executable(
        Files.writeString(pack, "#!/bin/sh\necho \"bundle $* with $FLUXGATE_JDK\"\nexit 3\n"));
    Files.delete(checkout.resolve("cli/target/fluxgate/fluxgate.jar"));
    executable(Files.writeString(checkout.resolve("mvnw"), TELL_MAVEN));

    assertThat(run(Map.of(), "bundle", "--out", "a b"))
        .contains("fluxgate: building", "bundle --out a b with " + right, "exit=3")
        .doesNotContain("argument=");
  }

  @Test
  void tellsWhichJdkItTakes() throws Exception {
    Path right = jdk("usr/lib/jvm/temurin-25", "25");

    assertThat(run(Map.of(), "jdk")).isEqualTo(right + "\nexit=0");
  }

  private Path script() {
    return checkout.resolve("fluxgate");
  }

  private Path jdk(String place, String version) throws IOException {
    Path home = machine.resolve(place);
    Files.createDirectories(home.resolve("bin"));
    executable(Files.writeString(home.resolve("bin/java"), TELL));
    executable(Files.writeString(home.resolve("bin/javac"), TELL));
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"us\"\nJAVA_VERSION=\"" + version + "\"\n");
    age(home.resolve("release"), 3600);
    return home;
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void age(Path file, int seconds) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(seconds)));
  }

  /** What the script prints, then its exit code. */
  private String run(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(script().toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("HOME", machine.resolve("home").toString());
    builder.environment().put("FLUXGATE_JDK_ROOT", machine.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output + "exit=" + process.exitValue();
  }
}
