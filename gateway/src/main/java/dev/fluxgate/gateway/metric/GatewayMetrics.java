package dev.fluxgate.gateway.metric;

import dev.fluxgate.gateway.admission.AdmissionControl;
import dev.fluxgate.gateway.embedding.EmbeddingCache;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobState;
import dev.fluxgate.gateway.job.JobStore;
import dev.fluxgate.gateway.worker.WorkerPool;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;

/**
 * The numbers of a gateway. Labels are models, states and routes, which are few; never tenants, and
 * nothing of a prompt.
 */
public final class GatewayMetrics implements AutoCloseable {
  /** Media type of {@link #scrape}. */
  public static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(10),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(1),
    Duration.ofMinutes(5),
    Duration.ofMinutes(30)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final WorkerPool workers;
  private final MultiGauge attached;
  private final Counter accepted;

  /**
   * Numbers of these parts.
   *
   * @param embeddings hits, misses, bytes
   * @param jobs what waits
   * @param admission what was refused
   * @param workers who is attached
   */
  public GatewayMetrics(
      EmbeddingCache embeddings, JobStore jobs, AdmissionControl admission, WorkerPool workers) {
    this.workers = workers;
    counter(Metric.EMBEDDING_CACHE_HITS, embeddings, EmbeddingCache::hits);
    counter(Metric.EMBEDDING_CACHE_MISSES, embeddings, EmbeddingCache::misses);
    gauge(Metric.EMBEDDING_CACHE_BYTES, embeddings, EmbeddingCache::bytes);
    gauge(Metric.QUEUE_JOBS, jobs, store -> store.backlog().jobs());
    counter(Metric.ADMISSION_REJECTED, admission, AdmissionControl::rejected);
    counter(Metric.LEASE_EXPIRED, workers, WorkerPool::expired);
    accepted =
        Counter.builder(Metric.JOBS_ACCEPTED.id())
            .description(Metric.JOBS_ACCEPTED.text())
            .register(registry);
    for (JobState state : JobState.values()) {
      if (state.isEnd()) {
        ended(state);
      }
    }
    attached =
        MultiGauge.builder(Metric.WORKERS_ATTACHED.id())
            .description(Metric.WORKERS_ATTACHED.text())
            .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  private <T> void counter(Metric metric, T source, ToDoubleFunction<T> value) {
    FunctionCounter.builder(metric.id(), source, value)
        .description(metric.text())
        .register(registry);
  }

  private <T> void gauge(Metric metric, T source, ToDoubleFunction<T> value) {
    Gauge.builder(metric.id(), source, value).description(metric.text()).register(registry);
  }

  private Counter ended(JobState state) {
    return Counter.builder(Metric.JOBS_ENDED.id())
        .description(Metric.JOBS_ENDED.text())
        .tag("state", state.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  private Timer timer(Metric metric, Tags tags) {
    return Timer.builder(metric.id())
        .description(metric.text())
        .tags(tags)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  /** Shows how many streams of events are open. */
  public void showEventReaders(IntSupplier readers) {
    Gauge.builder(Metric.SSE_READERS.id(), readers, IntSupplier::getAsInt)
        .description(Metric.SSE_READERS.text())
        // Nobody else keeps the reference.
        .strongReference(true)
        .register(registry);
  }

  /** Listens to changes of jobs. */
  public void onChange(Job job) {
    if (job.sequence() == 1) {
      accepted.increment();
    }
    if (!job.state().isEnd()) {
      return;
    }
    ended(job.state()).increment();
    Job.Timings timings = job.timings();
    if (job.embeddings() != null) {
      record(Metric.JOB_ENCODE, timings.encodeMillis());
    }
    if (job.state() == JobState.SUCCEEDED) {
      record(Metric.JOB_WAIT, timings.waitMillis());
      record(Metric.JOB_DENOISE, timings.denoiseMillis());
      record(Metric.JOB_DECODE, timings.decodeMillis());
    }
  }

  private void record(Metric metric, long millis) {
    timer(metric, Tags.empty()).record(Duration.ofMillis(millis));
  }

  /**
   * A call over HTTP is over.
   *
   * @param route its template
   * @param status of HTTP
   */
  public void onHttp(String method, String route, int status, long nanos) {
    timer(
            Metric.HTTP_REQUEST,
            Tags.of("method", method, "route", route, "status", Integer.toString(status)))
        .record(Duration.ofNanos(nanos));
  }

  /** Everything, in the text format of Prometheus. */
  public String scrape() {
    attached.register(
        workers.models().stream()
            .map(model ->
                MultiGauge.Row.of(
                    Tags.of("model", model.name()), workers.attachedWith(model.modelHash())))
            .toList(),
        true);
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
