package dev.fluxgate.engine.backend.cuda.cubin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cubin: an ELF file with the code of some kernels for one architecture. Of each kernel {@code k}
 * the section {@code .text.k} holds instructions of 16 bytes, {@code .nv.shared.k} tells the static
 * shared memory, and {@code .nv.info} and {@code .nv.info.k} hold attributes: a format, a tag and a
 * value.
 */
public final class CubinFile {
  private static final int ELF = 0x464c457f;
  private static final int HEADER_BYTES = 64;

  /** Where the header tells the compute capability, times ten: the second byte of its flags. */
  private static final int CAPABILITY = 49;

  /** From this architecture on the static shared memory includes what the system keeps of it. */
  private static final int FIRST_WITH_RESERVED_SHARED = 90;

  private static final int SECTION_BYTES = 64;
  private static final int SYMBOL_BYTES = 24;
  private static final String CODE = ".text.";

  /** Attribute whose value is preceded by its length; the others hold it in two bytes. */
  private static final int SIZED = 4;

  private static final int REGISTER_COUNT = 0x2f;
  private static final int FRAME_SIZE = 0x11;
  private static final int MAX_THREADS = 0x05;

  private final ByteBuffer bytes;
  private final String origin;
  private final Map<String, Section> sections = new HashMap<>();

  private CubinFile(ByteBuffer bytes, String origin) {
    this.bytes = bytes;
    this.origin = origin;
  }

  /** Where a section lies; one without bytes in the file has an offset all the same. */
  private record Section(int offset, int size) {}

  /**
   * The kernels of a cubin, by name.
   *
   * @param content the whole file
   * @param origin its name, for messages
   * @throws IllegalArgumentException if it is no cubin or ends too early
   */
  public static List<KernelResources> kernels(byte[] content, String origin) {
    CubinFile file = new CubinFile(ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN), origin);
    try {
      file.readSections();
      return file.readKernels();
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new IllegalArgumentException(
          origin + ": points behind its " + content.length + " bytes (expected: a whole cubin)", e);
    }
  }

  private void readSections() {
    if (bytes.limit() < HEADER_BYTES || bytes.getInt(0) != ELF) {
      throw new IllegalArgumentException(origin + ": no ELF file (expected: a cubin)");
    }
    int table = Math.toIntExact(bytes.getLong(40));
    int count = Short.toUnsignedInt(bytes.getShort(60));
    int names = table + SECTION_BYTES * Short.toUnsignedInt(bytes.getShort(62));
    int nameOffset = Math.toIntExact(bytes.getLong(names + 24));
    for (int i = 0; i < count; i++) {
      int at = table + SECTION_BYTES * i;
      String name = text(nameOffset + bytes.getInt(at));
      Section section =
          new Section(
              Math.toIntExact(bytes.getLong(at + 24)), Math.toIntExact(bytes.getLong(at + 32)));
      sections.put(name, section);
    }
  }

  private List<KernelResources> readKernels() {
    Map<String, Map<Integer, Integer>> attributes = bySymbol(required(".nv.info"));
    List<KernelResources> kernels = new ArrayList<>();
    sections.forEach((name, code) -> {
      if (name.startsWith(CODE)) {
        String kernel = name.substring(CODE.length());
        Map<Integer, Integer> of = attributes.getOrDefault(kernel, Map.of());
        KernelCode instructions =
            new KernelCode(bytes, code.offset(), code.size(), bytes.get(CAPABILITY));
        kernels.add(
            new KernelResources(
                kernel,
                attribute(kernel, of, REGISTER_COUNT),
                attribute(kernel, of, FRAME_SIZE),
                staticShared(sections.get(".nv.shared." + kernel)),
                maxThreads(required(".nv.info." + kernel)),
                instructions.opcodes(),
                instructions.tensorLoops()));
      }
    });
    kernels.sort(Comparator.comparing(KernelResources::name));
    return List.copyOf(kernels);
  }

  /**
   * What the kernel itself declares; a launch that uses any shared memory adds the reserved part.
   */
  private int staticShared(@Nullable Section shared) {
    boolean reserved = bytes.get(CAPABILITY) >= FIRST_WITH_RESERVED_SHARED;
    return shared == null
        ? 0
        : Math.max(0, shared.size() - (reserved ? Occupancy.RESERVED_SHARED : 0));
  }

  /** Of a section of attributes whose values are a symbol and a number: the numbers by symbol. */
  private Map<String, Map<Integer, Integer>> bySymbol(Section info) {
    Map<String, Map<Integer, Integer>> values = new HashMap<>();
    eachAttribute(
        info,
        (tag, at, size) -> {
          if (size == 8) {
            values
                .computeIfAbsent(symbol(bytes.getInt(at)), _ -> new HashMap<>())
                .put(tag, bytes.getInt(at + 4));
          }
        });
    return values;
  }

  private int maxThreads(Section info) {
    int[] threads = {0};
    eachAttribute(
        info,
        (tag, at, _) -> {
          if (tag == MAX_THREADS) {
            threads[0] = bytes.getInt(at) * bytes.getInt(at + 4) * bytes.getInt(at + 8);
          }
        });
    return threads[0];
  }

  @FunctionalInterface
  private interface AttributeReader {
    void read(int tag, int at, int size);
  }

  private void eachAttribute(Section info, AttributeReader reader) {
    int at = info.offset();
    while (at < info.offset() + info.size()) {
      int tag = Byte.toUnsignedInt(bytes.get(at + 1));
      if (bytes.get(at) == SIZED) {
        int size = Short.toUnsignedInt(bytes.getShort(at + 2));
        reader.read(tag, at + 4, size);
        at += 4 + size;
      } else {
        at += 4;
      }
    }
  }

  private int attribute(String kernel, Map<Integer, Integer> attributes, int tag) {
    Integer value = attributes.get(tag);
    if (value == null) {
      throw new IllegalArgumentException(
          "%s: no attribute 0x%02x of %s (expected: one)".formatted(origin, tag, kernel));
    }
    return value;
  }

  private String symbol(int index) {
    int entry = required(".symtab").offset() + SYMBOL_BYTES * index;
    return text(required(".strtab").offset() + bytes.getInt(entry));
  }

  private Section required(String name) {
    Section section = sections.get(name);
    if (section == null) {
      throw new IllegalArgumentException(origin + ": no section " + name + " (expected: one)");
    }
    return section;
  }

  /** The characters from {@code offset} to the next zero. */
  private String text(int offset) {
    int end = offset;
    while (bytes.get(end) != 0) {
      end++;
    }
    byte[] name = new byte[end - offset];
    bytes.get(offset, name);
    return new String(name, UTF_8);
  }
}
