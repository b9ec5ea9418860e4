package dev.fluxgate.gateway.metric;

/** The catalogue: every number of a gateway, and what it says. */
enum Metric {
  ADMISSION_REJECTED("admission.rejected", "Jobs refused since too much waits."),
  EMBEDDING_CACHE_BYTES("embedding.cache.bytes", "Bytes of embeddings in the cache."),
  EMBEDDING_CACHE_HITS("embedding.cache.hits", "Prompts that need not be encoded."),
  EMBEDDING_CACHE_MISSES("embedding.cache.misses", "Prompts that had to be encoded."),
  HTTP_REQUEST("http.request", "Seconds from the head of a request to the end of its answer."),
  JOB_DECODE("job.decode", "Seconds from latents to files, of jobs that succeeded."),
  JOB_DENOISE("job.denoise", "Seconds of all denoising steps, of jobs that succeeded."),
  JOB_ENCODE("job.encode", "Seconds from the call to the prompt embeds."),
  JOB_WAIT(
      "job.wait", "Seconds from the prompt embeds to the first lease, of jobs that succeeded."),
  JOBS_ACCEPTED("jobs.accepted", "Jobs accepted."),
  JOBS_ENDED("jobs.ended", "Jobs that have ended, by state."),
  LEASE_EXPIRED("lease.expired", "Leases taken back from workers that fell silent."),
  QUEUE_JOBS("queue.jobs", "Jobs that wait, for their embeddings or for a worker."),
  SSE_READERS("sse.readers", "Open streams of server-sent events."),
  WORKERS_ATTACHED("workers.attached", "Attached workers, by model.");

  private final String name;
  private final String text;

  Metric(String name, String text) {
    this.name = name;
    this.text = text;
  }

  /** The name, to which Prometheus adds unit and "_total". */
  String id() {
    return "fluxgate." + name;
  }

  /** One sentence. */
  String text() {
    return text;
  }
}
