package dev.fluxgate.gateway.upsample;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Several upsamplers, of which the first that can is asked: one that has no language model, or does
 * not answer, is passed over for the next.
 */
public final class FirstAbleUpsampler implements PromptUpsampler {
  private final List<PromptUpsampler> members;

  /**
   * Takes these over.
   *
   * @param members at least one, in the order in which they are asked
   */
  public FirstAbleUpsampler(List<? extends PromptUpsampler> members) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("upsamplers: none (expected: at least 1)");
    }
    this.members = List.copyOf(members);
  }

  @Override
  public String target() {
    return members.stream().map(PromptUpsampler::target).collect(Collectors.joining(", "));
  }

  @Override
  public UpsampledPrompt upsample(UpsamplingRequest request) {
    RuntimeException last = null;
    for (PromptUpsampler member : members) {
      try {
        return member.upsample(request);
      } catch (UpsamplerUnavailableException e) {
        // One that may come back tells more than one that never can.
        last = e;
      } catch (UpsamplingFailedException e) {
        if (!e.reason().equals(UpsamplingFailedException.NO_UPSAMPLING)) {
          throw e;
        }
        last = last == null ? e : last;
      }
    }
    throw last == null ? new IllegalStateException("no upsampler was asked") : last;
  }

  @Override
  public void close() {
    members.forEach(PromptUpsampler::close);
  }
}
