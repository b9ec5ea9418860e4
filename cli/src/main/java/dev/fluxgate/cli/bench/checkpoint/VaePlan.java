package dev.fluxgate.cli.bench.checkpoint;

import java.util.ArrayList;
import java.util.List;

/** The tensors of an {@code AutoencoderKLFlux2}. */
final class VaePlan {
  private static final int COLOURS = 3;
  private static final int PATCH = 4;
  private static final int LAYERS = 2;

  private final List<PlannedTensor> tensors = new ArrayList<>();

  private VaePlan() {}

  /**
   * Sizes of the VAE.
   *
   * @param latentChannels of a latent before it is cut into patches
   * @param channels of the levels, full size first
   * @param groups of every group norm
   */
  record Size(int latentChannels, List<Integer> channels, int groups) {
    /** Copies the list. */
    Size {
      channels = List.copyOf(channels);
    }
  }

  static List<PlannedTensor> of(Size size) {
    VaePlan plan = new VaePlan();
    int latent = size.latentChannels;
    plan.encoder(size);
    plan.decoder(size);
    plan.convolution("quant_conv", 2 * latent, 2 * latent, 1);
    plan.convolution("post_quant_conv", latent, latent, 1);
    plan.tensors.add(PlannedTensor.constant("bn.running_mean", 0, (long) PATCH * latent));
    plan.tensors.add(PlannedTensor.constant("bn.running_var", 1, (long) PATCH * latent));
    plan.tensors.add(PlannedTensor.counter("bn.num_batches_tracked"));
    return plan.tensors;
  }

  private void encoder(Size size) {
    List<Integer> channels = size.channels;
    int before = channels.getFirst();
    convolution("encoder.conv_in", before, COLOURS, 3);
    for (int level = 0; level < channels.size(); level++) {
      String block = "encoder.down_blocks." + level + ".";
      residuals(block, LAYERS, before, channels.get(level));
      before = channels.get(level);
      if (level < channels.size() - 1) {
        convolution(block + "downsamplers.0.conv", before, before, 3);
      }
    }
    middle("encoder.", before);
    convolution("encoder.conv_out", 2 * size.latentChannels, before, 3);
  }

  private void decoder(Size size) {
    List<Integer> channels = size.channels.reversed();
    int before = channels.getFirst();
    convolution("decoder.conv_in", before, size.latentChannels, 3);
    for (int level = 0; level < channels.size(); level++) {
      String block = "decoder.up_blocks." + level + ".";
      residuals(block, LAYERS + 1, before, channels.get(level));
      before = channels.get(level);
      if (level < channels.size() - 1) {
        convolution(block + "upsamplers.0.conv", before, before, 3);
      }
    }
    middle("decoder.", channels.getFirst());
    norm("decoder.conv_norm_out", before);
    convolution("decoder.conv_out", COLOURS, before, 3);
  }

  private void middle(String side, int channels) {
    residual(side + "mid_block.resnets.0.", channels, channels);
    residual(side + "mid_block.resnets.1.", channels, channels);
    String attention = side + "mid_block.attentions.0.";
    norm(attention + "group_norm", channels);
    for (String projection : List.of("to_q", "to_k", "to_v", "to_out.0")) {
      tensors.add(PlannedTensor.weight(attention + projection + ".weight", 1, channels, channels));
      tensors.add(PlannedTensor.constant(attention + projection + ".bias", 0, channels));
    }
    if (side.equals("encoder.")) {
      norm("encoder.conv_norm_out", channels);
    }
  }

  private void residuals(String block, int count, int inputs, int outputs) {
    for (int i = 0; i < count; i++) {
      residual(block + "resnets." + i + ".", i == 0 ? inputs : outputs, outputs);
    }
  }

  private void residual(String block, int inputs, int outputs) {
    norm(block + "norm1", inputs);
    convolution(block + "conv1", outputs, inputs, 3);
    norm(block + "norm2", outputs);
    convolution(block + "conv2", outputs, outputs, 3);
    if (inputs != outputs) {
      convolution(block + "conv_shortcut", outputs, inputs, 1);
    }
  }

  private void convolution(String name, int outputs, int inputs, int kernel) {
    tensors.add(PlannedTensor.weight(name + ".weight", 1, outputs, inputs, kernel, kernel));
    tensors.add(PlannedTensor.constant(name + ".bias", 0, outputs));
  }

  private void norm(String name, int channels) {
    tensors.add(PlannedTensor.constant(name + ".weight", 1, channels));
    tensors.add(PlannedTensor.constant(name + ".bias", 0, channels));
  }
}
