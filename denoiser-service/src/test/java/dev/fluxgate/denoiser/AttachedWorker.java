package dev.fluxgate.denoiser;

import dev.fluxgate.v1.AttachRequest;
import java.time.Duration;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A worker that has asked a gateway for its first job when a test begins. */
final class AttachedWorker implements BeforeEachCallback, AfterEachCallback {
  final FakeGateway gateway = new FakeGateway();
  final Painter painter = new Painter();
  final DenoiserProcess process;

  /** A worker that lets a job at work go on for {@code drain} when it leaves. */
  AttachedWorker(Duration drain) {
    process = painter.attachTo(gateway, drain);
  }

  @Override
  public void beforeEach(ExtensionContext test) throws InterruptedException {
    gateway.hear(AttachRequest::hasCredit);
  }

  /** Lets go of a job that still waits, so that leaving does not. */
  @Override
  public void afterEach(ExtensionContext test) {
    painter.release.countDown();
    process.close();
    gateway.close();
  }
}
