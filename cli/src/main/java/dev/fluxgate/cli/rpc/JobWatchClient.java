package dev.fluxgate.cli.rpc;

import dev.fluxgate.cli.job.JobObserver;
import dev.fluxgate.cli.job.JobWords;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceBlockingStub;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.WatchJobRequest;
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;

/** Follows one job to its end, over as many streams as it takes. */
final class JobWatchClient {
  private final ManagedChannel channel;
  private final ImageGenerationServiceBlockingStub stub;
  private final Patience patience;

  /**
   * How long a gateway may be away.
   *
   * @param firstDelay until the stream is opened again; doubles with every failure
   * @param longestDelay most that it doubles to
   * @param limit from the break until it is given up
   */
  record Patience(Duration firstDelay, Duration longestDelay, Duration limit) {
    /** A quarter of a second, up to eight, for a minute. */
    static final Patience STANDARD =
        new Patience(Duration.ofMillis(250), Duration.ofSeconds(8), Duration.ofMinutes(1));
  }

  JobWatchClient(ManagedChannel channel, Patience patience) {
    this.channel = channel;
    this.stub = ImageGenerationServiceGrpc.newBlockingStub(channel);
    this.patience = patience;
  }

  /**
   * Follows a job.
   *
   * @throws StatusRuntimeException if that fails for another reason than a lost gateway, or if the
   *     gateway is lost for good
   */
  Job watch(String id, boolean previews, JobObserver observer) throws InterruptedException {
    Watch watch = new Watch(id, previews, observer);
    Duration delay = patience.firstDelay();
    Duration waited = Duration.ZERO;
    while (true) {
      long before = watch.messages;
      try {
        return watch.followToItsEnd();
      } catch (StatusRuntimeException e) {
        if (watch.messages > before) {
          delay = patience.firstDelay();
          waited = Duration.ZERO;
        }
        if (e.getStatus().getCode() != Status.Code.UNAVAILABLE
            || waited.compareTo(patience.limit()) >= 0) {
          throw e;
        }
      }
      Thread.sleep(delay);
      channel.resetConnectBackoff();
      waited = waited.plus(delay);
      Duration twice = delay.multipliedBy(2);
      delay = twice.compareTo(patience.longestDelay()) < 0 ? twice : patience.longestDelay();
    }
  }

  /** What has been seen of a job so far. */
  private final class Watch {
    private final String id;
    private final boolean previews;
    private final JobObserver observer;
    private Job last = Job.getDefaultInstance();
    private long messages;

    Watch(String id, boolean previews, JobObserver observer) {
      this.id = id;
      this.previews = previews;
      this.observer = observer;
    }

    /** One stream. */
    Job followToItsEnd() {
      WatchJobRequest request =
          WatchJobRequest.newBuilder()
              .setId(id)
              .setAfterSequence(last.getSequence())
              .setPreviews(previews)
              .build();
      for (Iterator<WatchJobResponse> it = stub.watchJob(request); it.hasNext(); ) {
        WatchJobResponse message = it.next();
        messages++;
        last = message.getJob();
        if (message.hasPreview()) {
          observer.previewed(message.getPreview());
        } else {
          observer.changed(last);
        }
      }
      if (!JobWords.hasEnded(last)) {
        throw Status.UNAVAILABLE
            .withDescription("the stream ended before the job")
            .asRuntimeException();
      }
      return last;
    }
  }
}
