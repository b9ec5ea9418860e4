package dev.fluxgate.encoder.upsample;

import dev.fluxgate.encoder.batch.SteppedTask;
import org.jspecify.annotations.Nullable;

/** A conversation as work for the device: the first step looks at the pictures. */
public final class UpsamplingTask implements SteppedTask<Upsampled> {
  private final PromptUpsampling upsampling;
  private final PromptUpsampling.Conversation conversation;
  private @Nullable UpsamplingRun run;

  /** Nothing is computed before the first step. */
  public UpsamplingTask(PromptUpsampling upsampling, PromptUpsampling.Conversation conversation) {
    this.upsampling = upsampling;
    this.conversation = conversation;
  }

  @Override
  public boolean step() {
    UpsamplingRun begun = run;
    if (begun == null) {
      run = upsampling.start(conversation);
      return true;
    }
    return begun.step();
  }

  @Override
  public Upsampled result() {
    if (run == null) {
      throw new IllegalStateException("no step was taken");
    }
    return run.result();
  }

  @Override
  public void close() {
    if (run != null) {
      run.close();
    }
  }
}
