package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.HostTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A single-file VAE under the keys of diffusers (flux2 spec §4.7, formats spec §2.3): other names,
 * the decoder's levels counted from the other end, 1 × 1 convolutions in place of the attention's
 * matrices. All tensors are views of the file.
 */
public final class BflVae implements TensorSource {
  private static final String MARK = "decoder.mid.block_1.conv1.weight";
  private static final List<String> PREFIXES = List.of("", "vae.", "first_stage_model.");
  private static final Pattern UP = Pattern.compile("^decoder\\.up\\.(\\d+)\\.");

  /** Parts of names, in the order in which they are translated. */
  private static final List<Map.Entry<Pattern, String>> PARTS =
      List.of(
          part("^encoder\\.quant_conv\\.", "quant_conv."),
          part("^decoder\\.post_quant_conv\\.", "post_quant_conv."),
          part("^encoder\\.down\\.(\\d+)\\.block\\.", "encoder.down_blocks.$1.resnets."),
          part(
              "^encoder\\.down\\.(\\d+)\\.downsample\\.", "encoder.down_blocks.$1.downsamplers.0."),
          part("^decoder\\.up\\.(\\d+)\\.block\\.", "decoder.up_blocks.$1.resnets."),
          part("^decoder\\.up\\.(\\d+)\\.upsample\\.", "decoder.up_blocks.$1.upsamplers.0."),
          part("\\.mid\\.block_1\\.", ".mid_block.resnets.0."),
          part("\\.mid\\.block_2\\.", ".mid_block.resnets.1."),
          part("\\.mid\\.attn_1\\.norm\\.", ".mid_block.attentions.0.group_norm."),
          part("\\.mid\\.attn_1\\.([qkv])\\.", ".mid_block.attentions.0.to_$1."),
          part("\\.mid\\.attn_1\\.proj_out\\.", ".mid_block.attentions.0.to_out.0."),
          part("\\.nin_shortcut\\.", ".conv_shortcut."),
          part("coder\\.norm_out\\.", "coder.conv_norm_out."));

  private final TensorSource file;
  private final Map<String, String> keys = new HashMap<>();

  private BflVae(TensorSource file, String prefix) {
    this.file = file;
    List<String> names =
        file.names().stream()
            .filter(name -> name.startsWith(prefix))
            .map(name -> name.substring(prefix.length()))
            .toList();
    int levels = names.stream().mapToInt(BflVae::level).max().orElse(-1) + 1;
    for (String name : names) {
      keys.put(translate(name, levels), prefix + name);
    }
  }

  /** {@code source} under the keys of diffusers, whichever of the two layouts it has. */
  public static TensorSource adapt(TensorSource source) {
    return PREFIXES.stream()
        .filter(prefix -> source.has(prefix + MARK))
        .findFirst()
        .<TensorSource>map(prefix -> new BflVae(source, prefix))
        .orElse(source);
  }

  @Override
  public @Nullable HostTensor find(String name) {
    String key = keys.get(name);
    HostTensor stored = key == null ? null : file.find(key);
    if (stored != null && name.contains(".attentions.") && isPointFilter(stored)) {
      return stored.reshape(stored.shape().dim(0), stored.shape().dim(1));
    }
    return stored;
  }

  @Override
  public Set<String> names() {
    return Set.copyOf(keys.keySet());
  }

  @Override
  public String origin() {
    return file.origin();
  }

  private static boolean isPointFilter(HostTensor stored) {
    return stored.shape().rank() == 4 && stored.shape().dim(2) * stored.shape().dim(3) == 1;
  }

  private static Map.Entry<Pattern, String> part(String bfl, String diffusers) {
    return Map.entry(Pattern.compile(bfl), diffusers);
  }

  private static int level(String name) {
    Matcher up = UP.matcher(name);
    return up.find() ? Integer.parseInt(up.group(1)) : -1;
  }

  private static String translate(String name, int levels) {
    int level = level(name);
    String translated =
        level < 0
            ? name
            : UP.matcher(name).replaceFirst("decoder.up." + (levels - 1 - level) + ".");
    for (Map.Entry<Pattern, String> part : PARTS) {
      translated = part.getKey().matcher(translated).replaceFirst(part.getValue());
    }
    return translated;
  }
}
