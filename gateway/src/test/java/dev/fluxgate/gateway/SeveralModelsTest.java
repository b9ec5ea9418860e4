package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse.MessageCase;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.Hello;
import dev.fluxgate.v1.ListModelsRequest;
import dev.fluxgate.v1.Model;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Models of two families, each with an encoder of its own, in one gateway. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SeveralModelsTest {
  private final FakeEncoder qwen = new FakeEncoder();
  private final GatewayFixture gateway;

  SeveralModelsTest() {
    qwen.textEncoder = "qwen3";
    qwen.modelHash = "encoder-2";
    gateway = new GatewayFixture(false, qwen.target());
  }

  @AfterEach
  void close() {
    gateway.close();
    qwen.close();
  }

  @Test
  void sendsEachJobToItsModelByWayOfItsEncoder() throws Exception {
    try (FakeWorker dev = FakeWorker.ready(gateway.port(), "d");
        FakeWorker klein = klein("k", "klein-1")) {
      klein.credit(1);
      gateway.create("", prompt("a cat", "klein"));
      gateway.create("", prompt("a dog", "toy"));

      assertThat(klein.nextAssign().getParameters().getPrompt()).isEqualTo("a cat");
      assertThat(dev.nextAssign().getParameters().getPrompt()).isEqualTo("a dog");
      assertThat(qwen.encoded).extracting(request -> request.getPrompt()).containsExactly("a cat");
      assertThat(gateway.encoder.encoded)
          .extracting(request -> request.getPrompt())
          .containsExactly("a dog");
    }
  }

  @Test
  void listsModelsByNameWithTheirWorkers() throws Exception {
    try (FakeWorker _ = FakeWorker.ready(gateway.port(), "d");
        FakeWorker klein = klein("k", "klein-1");
        FakeWorker _ = klein("k2", "klein-1")) {
      klein.credit(1);
      gateway.create("", prompt("wakes both encoders", "klein"));
      gateway.create("", prompt("wakes both encoders", "toy"));
      assertThat(models()).extracting(Model::getId).containsExactly("klein", "toy");
      assertThat(models()).extracting(Model::getWorkers).containsExactly(2, 1);
      assertThat(models()).extracting(Model::getReady).containsExactly(true, true);
      assertThat(klein.nextAssign().getParameters().getModel()).isEqualTo("klein");
    }
  }

  @Test
  void asksForANameWhereThereAreSeveral() throws Exception {
    try (FakeWorker _ = FakeWorker.ready(gateway.port(), "d");
        FakeWorker _ = klein("k", "klein-1")) {
      assertRefused("", "model: none (expected: klein or toy)");
      assertRefused("flux", "model: flux (expected: klein or toy)");
    }
  }

  @Test
  void refusesAWorkerWithAnotherModelOfTheSameName() throws Exception {
    try (FakeWorker _ = FakeWorker.ready(gateway.port(), "a");
        FakeWorker other = new FakeWorker(gateway.port())) {
      other.send(AttachRequest.newBuilder().setHello(hello("b", "toy", "denoiser-2")).build());

      Failure failure = Failure.ofCall(other.ended.get(20, TimeUnit.SECONDS));
      assertThat(failure.code()).isEqualTo(Code.FAILED_PRECONDITION);
      assertThat(failure.reason()).isEqualTo("MODEL_MISMATCH");
      assertThat(failure.message())
          .isEqualTo(
              "model toy: hash denoiser-2 (expected: denoiser-1, that of worker a; or another"
                  + " name)");
    }
  }

  @Test
  void saysWhichEncoderIsMissing() throws Exception {
    try (FakeWorker odd = new FakeWorker(gateway.port())) {
      Hello.Builder hello = hello("o", "odd", "odd-1");
      hello.getModelBuilder().setTextEncoder("t5");
      odd.send(AttachRequest.newBuilder().setHello(hello).build());
      odd.next(MessageCase.WELCOME);

      Failure failure =
          Failure.ofCall(catchThrowable(() -> gateway.create("", prompt("a cat", "odd"))));
      assertThat(failure.reason()).isEqualTo("NO_ENCODER");
      assertThat(failure.message()).contains("(expected: one that is t5 of width 8)");
      assertThat(models()).extracting(Model::getReady).containsExactly(false);
    }
  }

  @Test
  void refusesAModelNameThatIsNone() throws Exception {
    try (FakeWorker worker = new FakeWorker(gateway.port())) {
      worker.send(AttachRequest.newBuilder().setHello(hello("b", "../toy", "d")).build());

      Failure failure = Failure.ofCall(worker.ended.get(20, TimeUnit.SECONDS));
      assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(failure.message()).startsWith("name: ../toy (expected: 1 to 64 of a-z");
    }
  }

  private void assertRefused(String model, String message) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> gateway.create("", prompt("a cat", model)))
        .withMessage("INVALID_ARGUMENT: " + message);
  }

  private List<Model> models() {
    return gateway.user().listModels(ListModelsRequest.getDefaultInstance()).getModelsList();
  }

  private static GenerationParameters prompt(String prompt, String model) {
    return GenerationParameters.newBuilder().setPrompt(prompt).setModel(model).build();
  }

  /** Attached and welcomed, without credit. */
  private FakeWorker klein(String id, String hash) throws InterruptedException {
    FakeWorker worker = new FakeWorker(gateway.port());
    Hello.Builder hello = hello(id, "klein", hash);
    hello.getModelBuilder().setTextEncoder("qwen3");
    worker.send(AttachRequest.newBuilder().setHello(hello).build());
    worker.next(MessageCase.WELCOME);
    return worker;
  }

  private static Hello.Builder hello(String id, String name, String hash) {
    Hello.Builder hello = FakeWorker.hello(id);
    hello.getModelBuilder().setName(name).setModelHash(hash);
    return hello;
  }
}
