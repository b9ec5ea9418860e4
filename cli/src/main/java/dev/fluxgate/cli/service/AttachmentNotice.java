package dev.fluxgate.cli.service;

import dev.fluxgate.denoiser.DenoiserConfig;
import java.io.PrintWriter;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says when a worker is attached to its gateway: the first time as a line, then in the log. */
final class AttachmentNotice implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AttachmentNotice.class);
  private static final long POLL_MILLIS = 20;

  private final BooleanSupplier attached;
  private final String words;
  private final PrintWriter out;
  private final Thread thread = Thread.ofVirtual().name("attachment").unstarted(this::watch);

  private AttachmentNotice(BooleanSupplier attached, DenoiserConfig worker, PrintWriter out) {
    this.attached = attached;
    this.words = "attached to " + worker.gateway() + " as " + worker.workerId();
    this.out = out;
  }

  /** Watches {@code attached}, which tells whether the worker is. */
  static AttachmentNotice start(BooleanSupplier attached, DenoiserConfig worker, PrintWriter out) {
    AttachmentNotice notice = new AttachmentNotice(attached, worker, out);
    notice.thread.start();
    return notice;
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void watch() {
    try {
      await(true);
      out.println(words);
      out.flush();
      while (true) {
        await(false);
        LOG.info("no longer {}", words);
        await(true);
        LOG.info("{} again", words);
      }
    } catch (InterruptedException _) {
      // The worker is leaving.
    }
  }

  private void await(boolean wanted) throws InterruptedException {
    while (attached.getAsBoolean() != wanted) {
      Thread.sleep(POLL_MILLIS);
    }
  }
}
