"""Draws the twelve prompts of toy/golden with ./fluxgate and puts them on one sheet.

    pip install pillow
    python docs/images/contact_sheet.py docs/images/contact-sheet.png
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import textwrap

from PIL import Image, ImageDraw, ImageFont

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLUMNS, GAP, CAPTION, SCALE = 4, 14, 46, 2


def draw(case: dict, folder: pathlib.Path) -> Image.Image:
    """One picture at its golden size, seed and steps."""
    file = folder / f"{case['id']}.png"
    options = {"seed": "seed", "width": "width", "height": "height", "steps": "steps", "guidance": "guidance"}
    arguments = [text for name, key in options.items() for text in (f"--{name}", str(case[key]))]
    subprocess.run(
        [ROOT / "fluxgate", "generate", case["prompt"], *arguments, "--quiet", "--out", file],
        check=True, stdout=subprocess.DEVNULL)
    return Image.open(file)


def main(target: str) -> None:
    cases = json.loads((ROOT / "toy/golden/cases.json").read_text())["cases"]
    cases = [case for case in cases if case["reference"] is None]
    with tempfile.TemporaryDirectory() as name:
        pictures = [draw(case, pathlib.Path(name)) for case in cases]
        cell = SCALE * max(side for picture in pictures for side in picture.size)
        rows = -(-len(cases) // COLUMNS)
        size = (COLUMNS * (cell + GAP) + GAP, rows * (cell + CAPTION + GAP) + GAP)
        sheet = Image.new("RGB", size, "white")
        pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
        for i, (case, picture) in enumerate(zip(cases, pictures)):
            x = GAP + i % COLUMNS * (cell + GAP)
            y = GAP + i // COLUMNS * (cell + CAPTION + GAP)
            large = picture.resize((picture.width * SCALE, picture.height * SCALE), Image.Resampling.NEAREST)
            sheet.paste(large, (x + (cell - large.width) // 2, y + (cell - large.height) // 2))
            pen.rectangle((x - 1, y - 1, x + cell, y + cell), outline="#c8c8c8")
            pen.multiline_text((x, y + cell + 4), textwrap.fill(case["prompt"], 38), fill="#303030", font=font)
        sheet.save(target, optimize=True)


main(sys.argv[1])
