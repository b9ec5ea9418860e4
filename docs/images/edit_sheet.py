"""Draws two pictures with ./fluxgate, edits them in six ways, and puts them on one sheet.

    pip install pillow
    python docs/images/edit_sheet.py docs/images/edits.png

The model is a toy: of ten seeds perhaps four do what the words say. Those that stand here do.
"""

import pathlib
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw, ImageFont

ROOT = pathlib.Path(__file__).resolve().parents[2]
GAP, CAPTION, CELL = 14, 26, 256
SOURCES = {
    ("a large red circle on a white background", 7): [
        ("make the circle blue", 3),
        ("change the background to green", 3),
        ("change the background to black", 4),
    ],
    ("a large blue star on a yellow background", 3): [
        ("make the star red", 2),
        ("change the background to cyan", 4),
        ("change the background to pink", 4),
    ],
}


def draw(prompt: str, seed: int, file: pathlib.Path, *options: str) -> pathlib.Path:
    subprocess.run(
        [ROOT / "fluxgate", "generate", prompt, "--seed", str(seed), *options, "--quiet", "--out", file],
        check=True, stdout=subprocess.DEVNULL)
    return file


def main(target: str) -> None:
    font = ImageFont.load_default(14)
    columns = 1 + max(len(edits) for edits in SOURCES.values())
    sheet = Image.new("RGB", (columns * (CELL + GAP) + GAP, len(SOURCES) * (CELL + CAPTION + GAP) + GAP), "white")
    pen = ImageDraw.Draw(sheet)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for row, ((prompt, seed), edits) in enumerate(SOURCES.items()):
            source = draw(prompt, seed, folder / f"{row}.png")
            files = [source] + [
                draw(words, edit_seed, folder / f"{row}-{i}.png", "--image", str(source))
                for i, (words, edit_seed) in enumerate(edits)]
            for column, (file, words) in enumerate(zip(files, [prompt.removesuffix(" background"), *(w for w, _ in edits)])):
                x, y = GAP + column * (CELL + GAP), GAP + row * (CELL + CAPTION + GAP)
                sheet.paste(Image.open(file).convert("RGB").resize((CELL, CELL), Image.Resampling.NEAREST), (x, y))
                pen.rectangle((x - 1, y - 1, x + CELL, y + CELL), outline="#c8c8c8")
                pen.text((x, y + CELL + 5), words, fill="#303030", font=font)
    sheet.save(target, optimize=True)


main(sys.argv[1])
