"""The pictures of ToyPictures, by the reference pipeline: same model, sizes and steps, warm.

    pip install torch diffusers transformers accelerate
    python bench/peer/toy_diffusers.py toy/model float32|bfloat16 WARM MEASURED THREADS
"""

import statistics
import sys
import time

import torch
from diffusers import Flux2Pipeline

MODEL, DTYPE, WARM, MEASURED, THREADS = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
STEPS, LAYERS, LENGTH = 20, (1, 2, 3), 32
COLOURS = "red green blue yellow purple orange cyan pink brown".split()
SHAPES = "circle square triangle star heart ring cross diamond moon".split()

torch.set_num_threads(THREADS)
pipeline = Flux2Pipeline.from_pretrained(MODEL, dtype=getattr(torch, DTYPE))
pipeline.set_progress_bar_config(disable=True)


def draw(index: int) -> tuple[float, float, float, float]:
    """Milliseconds: end to end, encode, each step, decode."""
    colour, shape = COLOURS[index % 9], SHAPES[index // 9 % 9]
    ground = COLOURS[(index + 1 + index // 9) % 9]
    marks = []

    def after_step(_pipeline, _step, _time, values):
        marks.append(time.perf_counter())
        return values

    start = time.perf_counter()
    embeds, _ = pipeline.encode_prompt(
        f"a large {colour} {shape} on a {ground} background",
        max_sequence_length=LENGTH, text_encoder_out_layers=LAYERS)
    encoded = time.perf_counter()
    pipeline(
        prompt_embeds=embeds, height=128, width=128, num_inference_steps=STEPS, guidance_scale=4.0,
        generator=torch.Generator("cpu").manual_seed(index), callback_on_step_end=after_step)
    end = time.perf_counter()
    step = (marks[-1] - marks[0]) / (STEPS - 1)
    return tuple(1e3 * x for x in (end - start, encoded - start, step, end - marks[-1]))


samples = [draw(i) for i in range(WARM + MEASURED)][WARM:]
whole, encode, step, decode = (statistics.median(column) for column in zip(*samples))
print(f"diffusers {DTYPE}: {MEASURED} pictures, median ms: end to end {whole:.0f}, encode {encode:.0f}, "
      f"step {step:.1f}, decode {decode:.0f}")
