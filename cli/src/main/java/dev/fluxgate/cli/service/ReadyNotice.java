package dev.fluxgate.cli.service;

import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.v1.Model;
import java.io.PrintWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once that a job can run, as any client would find out. The gateway asks itself: its parent
 * would need a second to load what it takes to ask.
 */
final class ReadyNotice implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReadyNotice.class);
  private static final long POLL_MILLIS = 20;

  private final Thread thread;

  private ReadyNotice(Thread thread) {
    this.thread = thread;
  }

  /** Asks the gateway at {@code target}, "host:port", until it has a model that is ready. */
  static ReadyNotice start(String target, PrintWriter out) {
    return new ReadyNotice(
        Thread.ofVirtual()
            .name("ready")
            .start(() -> {
              try (ImageGenerationClient client = ImageGenerationClient.dial(target)) {
                while (client.models().stream().noneMatch(Model::getReady)) {
                  Thread.sleep(POLL_MILLIS);
                }
                out.println(SupervisedOption.READY);
                out.flush();
              } catch (InterruptedException | GenerationFailedException e) {
                LOG.debug("not ready before the end", e);
              }
            }));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
