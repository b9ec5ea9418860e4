package dev.fluxgate.denoiser.transformer;

import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A single-file transformer under the keys of diffusers (models spec §1.10, §1.11, formats spec
 * §2.3, §2.4): a prefix is stripped, names are translated, fused matrices become their rows
 * (views), and the halves of the final modulation change places (the one copy, 2·D·D values).
 */
public final class BflTransformer implements TensorSource {
  private static final String MARK = "img_in.weight";
  private static final String MARK_OF_FLUX1 = "vector_in.in_layer.weight";
  private static final List<String> PREFIXES =
      List.of("", "model.diffusion_model.", "diffusion_model.", "model.model.", "net.", "model.");

  private final TensorSource file;
  private final BflNames names;
  private final Map<String, Part> parts = new HashMap<>();

  private BflTransformer(TensorSource file, String prefix) {
    this.file = file;
    names = file.has(prefix + MARK_OF_FLUX1) ? BflNames.FLUX1 : BflNames.FLUX2;
    for (String name : file.names()) {
      if (name.startsWith(prefix)) {
        add(name, name.substring(prefix.length()));
      }
    }
  }

  /** {@code source} under the keys of diffusers, whichever of the two layouts it has. */
  public static TensorSource adapt(TensorSource source) {
    return PREFIXES.stream()
        .filter(prefix -> source.has(prefix + MARK))
        .findFirst()
        .<TensorSource>map(prefix -> new BflTransformer(source, prefix))
        .orElse(source);
  }

  @Override
  public @Nullable HostTensor find(String name) {
    Part part = parts.get(name);
    HostTensor stored = part == null ? null : file.find(part.key());
    if (part == null || stored == null || stored.shape().rank() == 0) {
      return stored;
    }
    if (part.swapped()) {
      return swapHalves(stored);
    }
    long rows = stored.shape().dim(0);
    BflNames.Rows share = part.rows();
    if (rows % share.of() != 0) {
      return stored;
    }
    long one = rows / share.of();
    return stored.slice(share.from() * one, share.count() * one);
  }

  @Override
  public Set<String> names() {
    return Set.copyOf(parts.keySet());
  }

  @Override
  public String origin() {
    return file.origin();
  }

  private void add(String key, String bflName) {
    int dot = bflName.lastIndexOf('.');
    if (dot < 0) {
      return;
    }
    String module = bflName.substring(0, dot);
    // The scales of norms; files saved by ComfyUI call them weights.
    boolean scale = module.endsWith("_norm") && bflName.endsWith(".scale");
    String suffix = scale ? ".weight" : bflName.substring(dot);
    if (!suffix.equals(".weight") && !suffix.equals(".bias")) {
      return;
    }
    String top = names.top().get(module);
    if (top != null) {
      boolean swapped = module.equals(BflNames.FINAL_MODULATION);
      parts.put(top + suffix, new Part(key, new BflNames.Rows(top, 0, 1, 1), swapped));
    }
    addBlock(key, module, suffix, "double_blocks.", "transformer_blocks.", names.doubleBlock());
    addBlock(
        key, module, suffix, "single_blocks.", "single_transformer_blocks.", names.singleBlock());
  }

  private void addBlock(
      String key,
      String module,
      String suffix,
      String from,
      String to,
      Map<String, List<BflNames.Rows>> table) {
    int dot = module.indexOf('.', from.length());
    if (!module.startsWith(from) || dot < 0) {
      return;
    }
    String block = to + module.substring(from.length(), dot + 1);
    for (BflNames.Rows rows : table.getOrDefault(module.substring(dot + 1), List.of())) {
      parts.put(block + rows.module() + suffix, new Part(key, rows, false));
    }
  }

  /** BFL stores [shift; scale], diffusers [scale; shift]. */
  private static HostTensor swapHalves(HostTensor stored) {
    HostTensor swapped = HostTensor.zeros(stored.dtype(), stored.shape());
    long half = stored.data().byteSize() / 2;
    MemorySegment.copy(stored.data(), half, swapped.data(), 0, half);
    MemorySegment.copy(stored.data(), 0, swapped.data(), half, half);
    return swapped;
  }

  /**
   * Where a tensor lies.
   *
   * @param key name in the file
   * @param rows which of its rows
   * @param swapped whether their halves change places
   */
  private record Part(String key, BflNames.Rows rows, boolean swapped) {}
}
