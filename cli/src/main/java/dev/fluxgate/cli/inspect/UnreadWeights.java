package dev.fluxgate.cli.inspect;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Weights by their shapes alone: a model of any size is laid out in a moment, to see what it takes,
 * and computes nothing.
 *
 * @param computeType what activations would have
 */
record UnreadWeights(DType computeType) implements WeightStore {

  /** A back end that has such weights and can do nothing with them. */
  static Backend backend() {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "weights" -> new UnreadWeights((DType) arguments[0]);
                  case "name", "description", "toString" -> "none";
                  case "close" -> null;
                  default ->
                      throw new UnsupportedOperationException(
                          method.getName() + ": weights that were not read");
                });
  }

  private record Matrix(int outFeatures, int inFeatures, long residentBytes)
      implements Weight.Linear {}

  private record Filter(int outChannels, int inChannels, int kernelSize, long residentBytes)
      implements Weight.Convolution {}

  private record Table(int vocabulary, int width, long residentBytes) implements Weight.Embedding {}

  private record Values(int size, long residentBytes) implements Weight.Vector {}

  @Override
  public Weight.Linear linear(HostTensor weight, @Nullable HostTensor bias) {
    return new Matrix(weight.shape().size(0), weight.shape().size(1), 0);
  }

  @Override
  public Weight.Convolution convolution(HostTensor filter, @Nullable HostTensor bias) {
    return new Filter(filter.shape().size(0), filter.shape().size(1), filter.shape().size(2), 0);
  }

  @Override
  public Weight.Embedding embedding(HostTensor table) {
    return new Table(table.shape().size(0), table.shape().size(1), 0);
  }

  @Override
  public Weight.Vector vector(HostTensor values) {
    return new Values(Math.toIntExact(values.shape().count()), 0);
  }

  @Override
  public long residentBytes() {
    return 0;
  }

  @Override
  public void close() {}
}
