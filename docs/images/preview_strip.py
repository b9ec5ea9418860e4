"""Draws two prompts of toy/golden with a preview after every step, and puts some of them in rows.

    ./mvnw -q -ntp -pl bench -am package -DskipTests
    pip install pillow
    python docs/images/preview_strip.py docs/images/previews.png

Takes java from JAVA_HOME, or else from PATH.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw, ImageFont

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES, STEPS = (0, 2), (1, 2, 4, 8, 12, 16, 19)
SIDE, GAP, CAPTION = 128, 6, 18


def draw(case: dict, folder: pathlib.Path) -> list[Image.Image]:
    """The previews of STEPS, then the picture."""
    java = pathlib.Path(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"
    path = f"bench/target/classes:{(ROOT / 'bench/target/class-path').read_text()}"
    subprocess.run(
        [java, "@deploy/jvm/engine.options", "-cp", path, "dev.fluxgate.bench.ToyPreviews", "toy/model", "BF16",
         case["prompt"], str(case["seed"]), folder, "1"],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [Image.open(folder / f"step-{step:02d}.png") for step in STEPS] + [Image.open(folder / "picture.png")]


def main(target: str) -> None:
    cases = json.loads((ROOT / "toy/golden/cases.json").read_text())["cases"]
    width, height = (len(STEPS) + 1) * (SIDE + GAP) + GAP, len(CASES) * (SIDE + GAP) + GAP + CAPTION
    sheet = Image.new("RGB", (width, height), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for column, caption in enumerate([f"step {step}" for step in STEPS] + ["picture"]):
        pen.text((GAP + column * (SIDE + GAP), 2), caption, fill="#303030", font=font)
    for row, case in enumerate(CASES):
        with tempfile.TemporaryDirectory() as name:
            for column, picture in enumerate(draw(cases[case], pathlib.Path(name))):
                large = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.NEAREST)
                sheet.paste(large, (GAP + column * (SIDE + GAP), CAPTION + GAP + row * (SIDE + GAP)))
    sheet.save(target, optimize=True)


main(sys.argv[1])
