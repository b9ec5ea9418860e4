package dev.fluxgate.encoder.testing;

import dev.fluxgate.encoder.batch.EncodeBatcher;
import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.encoder.rpc.TextEncoderEndpoint;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.testing.GoldenCase;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.serving.GrpcServer;
import dev.fluxgate.v1.TextEncoderServiceGrpc;
import dev.fluxgate.v1.TextEncoderServiceGrpc.TextEncoderServiceBlockingStub;
import dev.fluxgate.v1.TextEncoderServiceGrpc.TextEncoderServiceStub;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/** A tiny real model behind a real server, whose device can be held up. */
public final class ServedEncoder implements AutoCloseable {
  /** Longest sequence served. */
  public static final int MAX_LENGTH = 2048;

  /** Waiting prompts before one is refused. */
  public static final int QUEUE = 2;

  /** Batches as they reached the device. */
  public final List<List<PromptTokens>> batches = new CopyOnWriteArrayList<>();

  /** The model served. */
  public final EncoderModel model;

  /** What stands between calls and device. */
  public final EncodeBatcher batcher;

  private final Backend backend = new ReferenceBackend();
  private final Semaphore arrived = new Semaphore(0);
  private final Semaphore permits = new Semaphore(1 << 20);
  private final GrpcServer server;
  private final ManagedChannel channel;

  /**
   * Serves a model folder of the golden pipelines, in float32, at most {@code maxCalls} at once.
   */
  public ServedEncoder(String name, int maxCalls) {
    ModelFolder folder = ModelFolder.open(folder(name));
    model = EncoderModel.load(folder, backend, DType.F32, new ModelHash(null));
    batcher = new EncodeBatcher(this::encode, QUEUE, 2);
    TextEncoderEndpoint endpoint = new TextEncoderEndpoint(model, batcher, MAX_LENGTH, maxCalls);
    server = GrpcServer.start("127.0.0.1", 0, TextEncoderEndpoint.statuses(), List.of(endpoint));
    channel = GrpcChannels.open("127.0.0.1:" + server.port());
  }

  /** A model folder of the golden pipelines. */
  public static Path folder(String name) {
    return GoldenCase.root().resolve("testdata/golden/pipelines").resolve(name);
  }

  /** A client that waits. */
  public TextEncoderServiceBlockingStub blocking() {
    return TextEncoderServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  /** A client that is called back. */
  public TextEncoderServiceStub async() {
    return TextEncoderServiceGrpc.newStub(channel);
  }

  /** From here on the device stands still with the batch it gets, until {@link #resume}. */
  public void holdUp() {
    permits.drainPermits();
    arrived.drainPermits();
  }

  /** Waits until the device has a batch. */
  public void awaitBusy() throws InterruptedException {
    if (!arrived.tryAcquire(20, TimeUnit.SECONDS)) {
      throw new AssertionError("nothing reached the device");
    }
  }

  /** Waits until so many prompts wait behind the device. */
  public void awaitWaiting(int prompts) {
    await(batcher::waiting, prompts);
  }

  /** Waits until so many calls wait for an encoding, which some of them may share. */
  public void awaitCallers(int calls) {
    await(batcher::callers, calls);
  }

  private static void await(IntSupplier number, int expected) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (number.getAsInt() != expected) {
      if (System.nanoTime() > end) {
        throw new AssertionError(number.getAsInt() + " wait (expected: " + expected + ")");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Lets the device work again. */
  public void resume() {
    permits.drainPermits();
    permits.release(1 << 20);
  }

  @Override
  public void close() {
    resume();
    GrpcChannels.close(channel);
    batcher.close();
    server.close();
    model.close();
    backend.close();
  }

  private List<PromptEmbeds> encode(List<PromptTokens> batch, OutputLayers layers) {
    batches.add(batch);
    arrived.release();
    permits.acquireUninterruptibly();
    return model.pipeline().encode(batch, layers);
  }
}
