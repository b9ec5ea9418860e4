package dev.fluxgate.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9090, 127.0.0.1:9090",
    "http://127.0.0.1:8080, 127.0.0.1:8080",
    "http://a-b.example:1/, a-b.example:1",
    "grpc://[::1]:65535, [::1]:65535"
  })
  void readsTheServer(String text, String target) {
    assertThat(ServerAddress.parse(text).address().target()).isEqualTo(target);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        ":1",
        "a:",
        "a:0",
        "a:65536",
        "https://a:1",
        "http://a:1/v1",
        "a b:1",
        "http://a",
        "::1:80",
        "a:1x",
        "user@a:1"
      })
  void refusesWhatIsNoServer(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ServerAddress.parse(text));
  }

  @Test
  void bracketsAddressesWithColons() {
    assertThat(HostPort.of("::1", 80).target()).isEqualTo("[::1]:80");
    assertThat(HostPort.of("localhost", 80).target()).isEqualTo("localhost:80");
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "64M, 67108864", "2g, 2147483648", "16K, 16384"})
  void readsSizes(String text, long bytes) {
    assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "1T", "1.5G", "M", "1 M", "9999999999999999"})
  void refusesWhatIsNoSize(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ByteSize.parse(text));
  }

  @Test
  void refusesSizesBeyondAllMemory() {
    org.assertj.core.api.Assertions.assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> ByteSize.parse("999999999999999G"));
  }
}
