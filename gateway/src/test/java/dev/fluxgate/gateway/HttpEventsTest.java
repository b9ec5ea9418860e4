package dev.fluxgate.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.LeaseRef;
import dev.fluxgate.v1.Preview;
import dev.fluxgate.v1.PreviewReport;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The events of a job over HTTP. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpEventsTest {
  private static final ByteString PNG = TestPng.of(64, 32, 1000);

  private final GatewayFixture gateway = new GatewayFixture();
  private final HttpUser user = new HttpUser(gateway);

  /** One event; empty where it says nothing. */
  private record Event(String id, String name, String data) {
    JsonNode json() throws IOException {
      return HttpUser.json(data);
    }
  }

  @AfterEach
  void close() {
    user.close();
    gateway.close();
  }

  @Test
  void tellsEveryChangeUntilTheEnd() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String id = gateway.create("", "a cat").getId();
      HttpResponse<Stream<String>> response = open(id, "");
      assertThat(response.headers().firstValue("content-type").orElse(""))
          .startsWith("text/event-stream");
      assertThat(response.headers().firstValue("x-accel-buffering")).contains("no");
      Assign assign = worker.nextAssign();
      worker.progress(assign.getLease(), 2);
      worker.finish(assign, PNG);

      List<Event> events = new ArrayList<>();
      events(response).forEachRemaining(events::add);
      assertThat(events).allSatisfy(event -> assertThat(event.name()).isEqualTo("job"));
      assertThat(events).extracting(event -> Long.parseLong(event.id())).isSorted();
      JsonNode last = events.getLast().json();
      assertThat(last.path("state").asText()).isEqualTo("SUCCEEDED");
      assertThat(last.path("images")).hasSize(1);
      assertThat(events.getLast().id()).isEqualTo(last.path("sequence").asText());
      assertThat(last).isEqualTo(HttpUser.json(user.get("/v1/jobs/" + id)));
    }
  }

  private HttpResponse<Stream<String>> open(String id, String query, String... headers)
      throws Exception {
    return user.client()
        .send(
            user.request("/v1/jobs/" + id + "/events" + query, headers).build(),
            BodyHandlers.ofLines());
  }

  /** The events of a stream as they come; comments and the retry interval are skipped. */
  private static Iterator<Event> events(HttpResponse<Stream<String>> response) {
    Iterator<String> lines = response.body().iterator();
    return Stream.generate(() -> next(lines)).takeWhile(event -> !event.equals(END)).iterator();
  }

  private static final Event END = new Event("", "", "");

  private static Event next(Iterator<String> lines) {
    String id = "";
    String name = "";
    while (lines.hasNext()) {
      String line = lines.next();
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("data: ")) {
        return new Event(id, name, line.substring(6));
      }
    }
    return END;
  }

  @Test
  void goesOnWhereTheReaderLeftOff() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String id = gateway.create("", "a cat").getId();
      Assign assign = worker.nextAssign();
      worker.progress(assign.getLease(), 1);
      Job seen = gateway.await(id, JobState.JOB_STATE_RUNNING);
      worker.finish(assign, PNG);
      Job done = gateway.await(id, JobState.JOB_STATE_SUCCEEDED);

      Event next = events(open(id, "", "last-event-id", "" + seen.getSequence())).next();
      assertThat(Long.parseLong(next.id())).isGreaterThan(seen.getSequence());
      Event same = events(open(id, "?lastEventId=" + seen.getSequence())).next();
      assertThat(same).isEqualTo(next);
      // All was told: a browser that comes back must be told to stay away.
      assertThat(open(id, "", "last-event-id", "" + done.getSequence()).statusCode())
          .isEqualTo(204);
    }
  }

  @Test
  void refusesIdsThatAreNoneOrOfTheFuture() throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      String events = "/v1/jobs/" + gateway.create("", "a cat").getId() + "/events";
      HttpResponse<String> future = user.get(events, "last-event-id", "99");
      assertThat(future.statusCode()).isEqualTo(400);
      assertThat(HttpUser.json(future).path("reason").asText()).isEqualTo("SEQUENCE_IN_FUTURE");
      assertThat(HttpUser.json(future).path("detail").asText())
          .startsWith("Last-Event-ID: 99 (expected: 0..")
          .endsWith(", the last of this job)");
      for (String bad : List.of("x", "-1", "1.5", "99999999999999999999")) {
        HttpResponse<String> refused = user.get(events, "last-event-id", bad);
        assertThat(refused.statusCode()).as(bad).isEqualTo(400);
        assertThat(HttpUser.json(refused).path("detail").asText())
            .startsWith("Last-Event-ID: " + bad + " (expected: ");
      }
      assertThat(user.get(events + "?previews=maybe").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void showsPreviewsToWhoAsks() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String id = gateway.create("", "a cat").getId();
      Assign assign = worker.nextAssign();
      Iterator<Event> with = events(open(id, "?previews=true"));
      with.next();
      preview(worker, assign.getLease(), 1);

      Event preview = with.next();
      while (!preview.name().equals("preview")) {
        preview = with.next();
      }
      assertThat(preview.id()).isEmpty();
      assertThat(preview.json().path("step").asInt()).isEqualTo(1);
      assertThat(preview.json().path("mediaType").asText()).isEqualTo("image/png");
      assertThat(Base64.getDecoder().decode(preview.json().path("data").asText()))
          .isEqualTo(PNG.toByteArray());
      worker.finish(assign, PNG);
      Iterator<Event> without = events(open(id, ""));
      without.forEachRemaining(event -> assertThat(event.name()).isEqualTo("job"));
    }
  }

  private static void preview(FakeWorker worker, LeaseRef lease, int step) {
    worker.send(
        AttachRequest.newBuilder()
            .setPreview(
                PreviewReport.newBuilder()
                    .setLease(lease)
                    .setPreview(
                        Preview.newBuilder()
                            .setStep(step)
                            .setMediaType("image/png")
                            .setData(PNG)
                            .setWidth(64)
                            .setHeight(32)))
            .build());
  }

  @Test
  void readersThatStallHoldUpNobodyAndLeaveNothingBehind() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String id = gateway.create("", "a cat").getId();
      Assign assign = worker.nextAssign();
      List<Socket> stalled = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        stalled.add(stall(id));
      }
      assertThat(readers(50)).isEqualTo(50);
      for (int i = 0; i < 2000; i++) {
        preview(worker, assign.getLease(), 1 + i % 4);
      }
      worker.finish(assign, PNG);
      // A reader that reads is told at once, whatever the others do.
      Iterator<Event> events = events(open(id, ""));
      Event last = events.next();
      while (events.hasNext()) {
        last = events.next();
      }
      assertThat(last.json().path("state").asText()).isEqualTo("SUCCEEDED");
      for (Socket socket : stalled) {
        socket.close();
      }
      assertThat(readers(0)).isZero();
    }
  }

  /** Asks for events and reads none of them. */
  private Socket stall(String id) throws IOException {
    Socket socket = user.connect(1024);
    String request =
        "GET /v1/jobs/" + id + "/events?previews=true HTTP/1.1\r\nhost: localhost\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(UTF_8));
    return socket;
  }

  /** Scrapes until there are so many open streams; the time limit of the test ends it. */
  private int readers(int expected) throws Exception {
    while (true) {
      String metrics = user.get("/metrics").body();
      if (metrics.contains("fluxgate_sse_readers " + expected + ".0")) {
        return expected;
      }
    }
  }

  @Test
  void endsItsStreamsWhenItStops() throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      Iterator<Event> events = events(open(gateway.create("", "a cat").getId(), ""));
      // Until nothing more happens: without a credit it waits for ever.
      Event latest = events.next();
      while (!latest.json().path("stage").asText().equals("WAITING")) {
        latest = events.next();
      }
      gateway.process.close();

      events.forEachRemaining(event -> assertThat(event.name()).isEqualTo("job"));
    }
  }
}
