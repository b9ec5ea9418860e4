"""The tables of numerics.md, from what the golden runner prints.

    ./fluxgate golden testdata/golden --device cpu > cpu.txt
    ./fluxgate golden testdata/golden --device reference > reference.txt
    FLUXGATE_FAKE_CUDA=1 ./fluxgate golden testdata/golden --device cuda:0 > cuda.txt
    python3 docs/numerics_table.py cpu.txt reference.txt cuda.txt
"""

import collections
import os
import re
import sys

LINE = re.compile(
    r"(?P<family>\S+)\s+(?P<case>\S+)\s+(?P<role>mid|out)\.(?P<stage>\S+)\s+(?P<type>F32|BF16|U8)"
    r"\s+(?P<max>\S+)\s+(?P<mean>\S+)\s+(?P<max_allowed>\S+)\s+(?P<mean_allowed>\S+)\s+(ok|FAILED)")


class Worst:
    """The worst of one stage on one back end."""

    def __init__(self):
        self.error, self.share, self.tensors = 0.0, 0.0, 0

    def add(self, row):
        error, allowed = float(row["max"]), float(row["max_allowed"])
        mean, mean_allowed = float(row["mean"]), float(row["mean_allowed"])
        self.tensors += 1
        self.error = max(self.error, error)
        self.share = max(self.share, error / allowed if allowed else 0, mean / mean_allowed if mean_allowed else 0)

    def __str__(self):
        if not self.tensors:
            return "– | –"
        return f"{self.error:.2g} | {100 * self.share:.0f} %" if self.error else "0 | 0 %"


def stage_of(tensor):
    """Blocks, steps, sizes and modes of pictures are one stage each: double.0.attn and double.1.attn are double.attn."""
    name = re.sub(r"\.\d+x\d+.*$", "", tensor)  # RGB.bicubic.20x30 → RGB.bicubic
    name = re.sub(r"^\d+_[A-Z]+", "picture", name)  # 0_RGB.filled → picture.filled
    name = re.sub(r"^[A-Z]+\.", "", name)
    return re.sub(r"^\d+$", "values", re.sub(r"\b\d+\.|\.\d+\b", "", name))


def read(file):
    table = collections.defaultdict(Worst)
    with open(file, encoding="utf-8") as lines:
        for row in filter(None, map(LINE.match, lines)):
            stage = stage_of(row["stage"])
            name = f"**{stage}**" if row["role"] == "out" else stage
            table[row["family"], name, row["type"]].add(row)
    return table


def main(files):
    names = [os.path.splitext(os.path.basename(file))[0] for file in files]
    tables = [read(file) for file in files]
    family = None
    for key in sorted(set().union(*tables)):
        if key[0] != family:
            family = key[0]
            print(f"\n### {family}\n")
            print(f"| stage | type | tensors | {' | '.join(f'{name}: worst | of allowed' for name in names)} |")
            print("|---" * (3 + 2 * len(names)) + "|")
        worst = [table.get(key, Worst()) for table in tables]
        print(f"| {key[1]} | {key[2]} | {max(w.tensors for w in worst)} | {' | '.join(map(str, worst))} |")


main(sys.argv[1:])
