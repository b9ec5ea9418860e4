package dev.fluxgate.system;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** ARCHITECTURE.md, as rules that fail the build. */
class ArchitectureTest {
  private static final String ROOT = "dev.fluxgate";
  private static final String WIRE = ROOT + ".v1..";
  private static final String ENGINE = ROOT + ".engine..";
  private static final String IMAGE = ROOT + ".image..";
  private static final String SERVING = ROOT + ".serving..";
  private static final String ENCODER = ROOT + ".encoder..";
  private static final String DENOISER = ROOT + ".denoiser..";
  private static final String GATEWAY = ROOT + ".gateway..";
  private static final String CLI = ROOT + ".cli..";

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT)
          .that(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage(WIRE)));

  private static final List<ArchRule> RULES =
      List.of(
          inside("the engine computes; it knows no transport and no service", ENGINE)
              .neverUses(
                  "io.grpc..",
                  "com.google.protobuf..",
                  WIRE,
                  IMAGE,
                  SERVING,
                  ENCODER,
                  DENOISER,
                  GATEWAY,
                  CLI),
          inside("pixels know nothing of models or services", IMAGE)
              .neverUses("io.grpc..", WIRE, ENGINE, SERVING, ENCODER, DENOISER, GATEWAY, CLI),
          inside("how a process lives is the same for all of them", SERVING)
              .neverUses(ENGINE, IMAGE, ENCODER, DENOISER, GATEWAY, CLI),
          inside("the gateway moves bytes; it never opens a tensor", GATEWAY)
              .neverUses(ENGINE, IMAGE, ENCODER, DENOISER, CLI),
          inside("the halves of the split meet only over the wire", ENCODER)
              .neverUses(DENOISER, GATEWAY, CLI),
          inside("the halves of the split meet only over the wire", DENOISER)
              .neverUses(ENCODER, GATEWAY, CLI),
          outside("the Vector API is a detail of one package", ROOT + ".engine.backend.cpu..")
              .neverUses("jdk.incubator.vector.."),
          outside("native libraries are details of the back ends", ROOT + ".engine.backend..")
              .neverUses("org.bytedeco..", "java.lang.foreign.Linker"),
          outside("JCuda is a detail of one package", ROOT + ".engine.backend.cuda.driver..")
              .neverUses("jcuda.."),
          outside("gRPC stops at the rpc packages", "..rpc..", SERVING, CLI).neverUses("io.grpc.."),
          classes()
              .that()
              .resideInAPackage("..rpc..")
              .and()
              .areTopLevelClasses()
              .and()
              .doNotHaveSimpleName("package-info")
              .should()
              .haveNameMatching(".*(Endpoint|Client|Codec)")
              .because("rpc packages hold what serves, calls or translates"),
          noClasses()
              .should()
              .haveNameMatching(".*(Utils?|Helpers?|Manager|Impl|Misc|Common|Base)$")
              .because("a name says what the thing does"),
          noClasses()
              .should()
              .resideInAnyPackage(
                  "..util..", "..utils..", "..common..", "..core..", "..helper..", "..misc..")
              .because("a package is one stage or one noun"),
          slices().matching(ROOT + ".(*).(*)..").should().beFreeOfCycles(),
          fields().that().areStatic().should().beFinal().because("no global mutable state"),
          noFields().that().areStatic().should().haveRawType(ThreadLocal.class),
          classes().that().haveSimpleNameEndingWith("Config").should().beRecords(),
          NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS);

  @TestFactory
  Stream<DynamicTest> everyRuleHolds() {
    return RULES.stream()
        .map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(OURS)));
  }

  @Test
  void onlyTheCommandLineWritesToTheConsole() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(
        OURS.that(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage(CLI))));
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(OURS.stream().map(JavaClass::getPackage).distinct())
        .isNotEmpty()
        .allSatisfy(p -> assertThat(p.isAnnotatedWith(NullMarked.class)).as(p.getName()).isTrue());
  }

  @Test
  void noPackageIsALandfill() {
    assertThat(
            OURS.stream()
                .filter(JavaClass::isTopLevelClass)
                .filter(type -> !type.getSimpleName().equals("package-info"))
                .collect(groupingBy(JavaClass::getPackageName)))
        .allSatisfy((name, members) -> assertThat(members).as(name).hasSizeLessThanOrEqualTo(16));
  }

  private static Border inside(String because, String place) {
    return foreign ->
        noClasses()
            .that()
            .resideInAPackage(place)
            .should()
            .dependOnClassesThat(matching(foreign))
            .because(because);
  }

  private static Border outside(String because, String... places) {
    return foreign ->
        noClasses()
            .that()
            .resideOutsideOfPackages(places)
            .should()
            .dependOnClassesThat(matching(foreign))
            .because(because);
  }

  /** Packages by pattern, single classes by full name. */
  private static DescribedPredicate<JavaClass> matching(String... foreign) {
    return DescribedPredicate.describe(
        "belong to " + String.join(", ", foreign),
        type ->
            Stream.of(foreign)
                .anyMatch(name ->
                    name.endsWith("..")
                        ? JavaClass.Predicates.resideInAPackage(name).test(type)
                        : type.getName().equals(name)));
  }

  @FunctionalInterface
  private interface Border {
    ArchRule neverUses(String... foreign);
  }
}
