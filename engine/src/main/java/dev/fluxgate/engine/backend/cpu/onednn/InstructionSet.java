package dev.fluxgate.engine.backend.cpu.onednn;

/**
 * Names of {@code dnnl_cpu_isa_t}, the widest set first: each value holds the bits of the lower.
 */
enum InstructionSet {
  AMX_FP16("AVX-512 AMX FP16", 0x1fef),
  AMX("AVX-512 AMX", 0xfef),
  AVX512_FP16("AVX-512 FP16", 0x1ef),
  AVX512_BF16("AVX-512 BF16", 0xe7),
  AVX512_VNNI("AVX-512 VNNI", 0x67),
  AVX512("AVX-512", 0x27),
  AVX2_VNNI_2("AVX2 VNNI BF16", 0x1f),
  AVX2_VNNI("AVX2 VNNI", 0xf),
  AVX2("AVX2", 0x7),
  AVX("AVX", 0x3),
  SSE41("SSE4.1", 0x1),
  BASE("base instruction set", 0x0);

  private final String label;
  private final int bits;

  InstructionSet(String label, int bits) {
    this.label = label;
    this.bits = bits;
  }

  /** Name of the widest set within {@code isa}. */
  static String name(int isa) {
    for (InstructionSet set : values()) {
      if ((isa & set.bits) == set.bits) {
        return set.label;
      }
    }
    return BASE.label;
  }
}
