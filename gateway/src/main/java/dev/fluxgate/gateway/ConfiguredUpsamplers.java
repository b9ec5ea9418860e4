package dev.fluxgate.gateway;

import dev.fluxgate.gateway.generate.Upsamplers;
import dev.fluxgate.gateway.rpc.PromptUpsamplerClient;
import dev.fluxgate.gateway.upsample.ChatUpsampler;
import dev.fluxgate.gateway.upsample.FirstAbleUpsampler;
import dev.fluxgate.gateway.upsample.PromptUpsampler;
import dev.fluxgate.gateway.upsample.UpsamplerGuard;
import dev.fluxgate.gateway.wish.Upsampling;
import dev.fluxgate.gateway.worker.DrawingModel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The encoders, of which one may have a language model, and the chat endpoint that is set. */
final class ConfiguredUpsamplers implements Upsamplers, AutoCloseable {
  /** 512 tokens of a large model on a CPU take minutes. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final BooleanSupplier isAnyEncoderAble;
  private final @Nullable PromptUpsampler encoders;
  private final @Nullable PromptUpsampler chat;

  /**
   * Connects with the first prompt.
   *
   * @param isAnyEncoderAble whether one of the encoders has said that it rewrites prompts
   */
  ConfiguredUpsamplers(GatewayConfig config, BooleanSupplier isAnyEncoderAble) {
    this.isAnyEncoderAble = isAnyEncoderAble;
    encoders =
        config.encoders().isEmpty()
            ? null
            : new FirstAbleUpsampler(
                config.encoders().stream()
                    .map(target ->
                        new PromptUpsamplerClient(target, PATIENCE, UpsamplerGuard.Policy.STANDARD))
                    .toList());
    chat =
        config.upsampler() == null
            ? null
            : new ChatUpsampler(config.upsampler(), UpsamplerGuard.Policy.STANDARD);
  }

  @Override
  public Optional<PromptUpsampler> find(Upsampling.Source source, DrawingModel model) {
    return Optional.ofNullable(
        switch (source) {
          case ENCODER -> isAnyEncoderAble.getAsBoolean() ? encoders : null;
          case CHAT -> chat;
        });
  }

  @Override
  public void close() {
    if (encoders != null) {
      encoders.close();
    }
    if (chat != null) {
      chat.close();
    }
  }
}
