package dev.fluxgate.denoiser.picture;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fluxgate.denoiser.testing.TinyModels;
import dev.fluxgate.engine.backend.cuda.CudaBackend;
import dev.fluxgate.engine.backend.cuda.driver.CudaLaunchException;
import dev.fluxgate.engine.backend.cuda.driver.CudaOutOfMemoryException;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda.Fault;
import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device that fails somewhere between the first weight and the last pixel. */
@NeedsCuda(fake = true)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeviceFaultsTest {
  private static final int FAULTS = 50;
  private static final long SEED = 20261121;
  private static final long PLENTY = 1L << 30;

  /** A driver's function with its arguments. */
  private static final String CALL = "(?s).*\\bcu[A-Z]\\w+\\(.*";

  private ModelFolder model;

  /** How often each fault could have happened until the last picture was there. */
  private Map<Fault, Long> occasions = Map.of();

  @BeforeEach
  void findTheModel() throws IOException {
    model = TinyModels.of(ModelFamily.FLUX2_KLEIN_BASE);
  }

  @Test
  void everyFaultIsToldAndLeavesNothing() {
    byte[] expected = drawDespite(null, 0);
    Map<Fault, Long> most = Map.copyOf(occasions);
    assertThat(most.values()).as("%s in a clean run", most).allMatch(each -> each > 9);
    List<Fault> kinds = List.of(Fault.values());
    Random random = new Random(SEED);
    List<String> table = new ArrayList<>();
    for (int i = 0; i < FAULTS; i++) {
      Fault fault = kinds.get(random.nextInt(kinds.size()));
      long occasion = 1 + random.nextLong(most.getOrDefault(fault, 0L));
      Throwable thrown = catchThrowable(() -> drawDespite(fault, occasion));
      table.add("%s at %d of %s: %s".formatted(fault, occasion, most.get(fault), thrown));

      assertThat(thrown).as("%s", told(table)).matches(rightFor(fault));
      assertThat(chain(thrown).map(String::valueOf))
          .as("%s", told(table))
          .anyMatch(DeviceFaultsTest::isCall);
      assertNothingIsLeft(fault, table);
      assertThat(drawDespite(null, 0)).as("the next picture; %s", told(table)).isEqualTo(expected);
    }
  }

  @Test
  void aJobThatFindsNoMemoryIsTooLargeAndTheNextIsDrawn() {
    try (FluxPictureMaker maker = load()) {
      byte[] before = draw(maker, 16);
      long free = 3 << 20;
      FakeCuda.memory(FakeCuda.liveBytes() + free);
      long launches = FakeCuda.occasions(Fault.LAUNCH_REFUSED);

      assertThatThrownBy(() -> draw(maker, 256))
          .isInstanceOfSatisfying(
              JobFailedException.class,
              e -> {
                assertThat(e.fault()).isEqualTo(JobFailedException.Fault.MEMORY);
                assertThat(e.reason()).isEqualTo("TOO_LARGE");
              })
          .hasMessageMatching("device memory: \\d+ bytes wanted, \\d+ of \\d+ free .*");
      assertThat(FakeCuda.occasions(Fault.LAUNCH_REFUSED)).as("launches").isEqualTo(launches);
      assertThat(draw(maker, 16)).isEqualTo(before);
    }
  }

  /** Opens a back end, then lets {@code fault} happen while a model is loaded and draws. */
  private byte[] drawDespite(@Nullable Fault fault, long countdown) {
    CudaBackend backend = new CudaBackend(0);
    FakeCuda.reset();
    if (fault != null) {
      FakeCuda.inject(fault, countdown);
    }
    try (FluxPictureMaker maker = load(backend)) {
      byte[] png = draw(maker, 16);
      occasions = Stream.of(Fault.values()).collect(toMap(identity(), FakeCuda::occasions));
      return png;
    }
  }

  private FluxPictureMaker load() {
    return load(new CudaBackend(0));
  }

  private FluxPictureMaker load(CudaBackend backend) {
    return FluxPictureMaker.load(
        model, backend, DType.BF16, new FluxPictureMaker.Limits(PLENTY, PLENTY));
  }

  /** With guidance, so that both passes run, and previews, which take another way out. */
  private static byte[] draw(FluxPictureMaker maker, int size) {
    TorchGenerator noise = new TorchGenerator(1);
    Shape shape = Shape.of(5, maker.model().textWidth());
    HostTensor positive = noise.randn(shape, DType.BF16);
    HostTensor negative = noise.randn(shape, DType.BF16);
    Drawing drawing = new Drawing("", size, size, 2, 4, 7, 1, true, 1, DrawingOptions.NONE);
    return maker
        .draw(drawing, DrawingInputs.of(positive, negative), new Unwatched())
        .pictures()
        .getFirst()
        .file();
  }

  private static Predicate<Throwable> rightFor(Fault fault) {
    return thrown ->
        switch (fault) {
          case OUT_OF_MEMORY -> isOutOfMemory(thrown);
          case LAUNCH_REFUSED -> thrown instanceof CudaLaunchException;
          case ILLEGAL_ADDRESS, DEVICE_LOST, COPY_FAILED -> thrown instanceof BackendLostException;
        };
  }

  /** Of a worker that starts, or of a job. */
  private static boolean isOutOfMemory(Throwable thrown) {
    return thrown instanceof CudaOutOfMemoryException
        || (thrown instanceof JobFailedException failed
            && failed.reason().equals("TOO_LARGE")
            && failed.getCause() instanceof CudaOutOfMemoryException);
  }

  private static boolean isCall(String message) {
    return message.matches(CALL);
  }

  private static void assertNothingIsLeft(Fault fault, List<String> table) {
    if (fault == Fault.DEVICE_LOST) {
      FakeCuda.reset();
    }
    assertThat(FakeCuda.liveAllocations()).as("blocks left; %s", told(table)).isZero();
    assertThat(FakeCuda.liveBytes()).as("bytes left; %s", told(table)).isZero();
    assertThat(FakeCuda.liveObjects()).as("objects left; %s", told(table)).isZero();
  }

  private static Stream<Throwable> chain(@Nullable Throwable thrown) {
    return Stream.iterate(thrown, each -> each != null, Throwable::getCause);
  }

  private static String told(List<String> table) {
    return String.join(System.lineSeparator(), table);
  }

  /** Nobody looks on, nobody cancels. */
  private static final class Unwatched implements JobProgress {
    @Override
    public void report(Stage stage, int step, int totalSteps) {}

    @Override
    public void show(EncodedPicture preview, int step) {}

    @Override
    public boolean isCancelled() {
      return false;
    }
  }
}
