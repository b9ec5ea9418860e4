"""One denoising step of a model folder, ours and the reference's, by turns on the same checkpoint.

    ./fluxgate bench checkpoint --geometry klein-4b --out DIR
    pip install torch diffusers transformers accelerate
    python bench/peer/klein_step.py DIR [--size 256] [--steps 3] [--rounds 2] [--threads 2]

Ours: encoder, gateway and denoiser as three processes; seconds of a step as the job tells them, once warm, and the resident
memory of encoder and denoiser together. The reference: the loop of Flux2KleinPipeline in bfloat16 over prompt embeds of the
same shape, once warm. Never both at once.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("model")
parser.add_argument("--size", type=int, default=256)
parser.add_argument("--steps", type=int, default=3)
parser.add_argument("--rounds", type=int, default=2)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--command", default="./fluxgate", help="how to start ours")
parser.add_argument("--peer", action="store_true", help="only the reference, in this process")
arguments = parser.parse_args()

TEXT_TOKENS = 512


def resident(pid: int) -> dict[str, float]:
    """GiB of a process: what it holds itself, pages of files that it has mapped, both, and the most it ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = {key: value for key, _, value in (line.partition(":") for line in lines)}
    return {name: int(fields[name].split()[0]) / 2**20 for name in ("RssAnon", "RssFile", "VmRSS", "VmHWM")}


def reference() -> float:
    """Seconds of a step."""
    import torch
    from diffusers import AutoencoderKLFlux2, FlowMatchEulerDiscreteScheduler, Flux2KleinPipeline, Flux2Transformer2DModel

    torch.set_num_threads(arguments.threads)
    pipeline = Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler.from_pretrained(arguments.model, subfolder="scheduler"),
        vae=AutoencoderKLFlux2.from_pretrained(arguments.model, subfolder="vae", dtype=torch.bfloat16),
        text_encoder=None, tokenizer=None,
        transformer=Flux2Transformer2DModel.from_pretrained(arguments.model, subfolder="transformer", dtype=torch.bfloat16),
        is_distilled=True)
    pipeline.set_progress_bar_config(disable=True)
    embeds = torch.randn(1, TEXT_TOKENS, pipeline.transformer.config.joint_attention_dim, dtype=torch.bfloat16)
    marks = []

    def after_step(_pipeline, _step, _time, values):
        marks.append(time.perf_counter())
        return values

    for steps in (1, arguments.steps + 1):
        marks.clear()
        pipeline(prompt_embeds=embeds, height=arguments.size, width=arguments.size, num_inference_steps=steps,
                 guidance_scale=1.0, output_type="latent", generator=torch.Generator("cpu").manual_seed(0),
                 callback_on_step_end=after_step)
    return (marks[-1] - marks[0]) / arguments.steps


class System:
    """Our three processes."""

    def __init__(self) -> None:
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log", delete=False)
        self.processes: dict[str, subprocess.Popen] = {}
        model = ["--model", arguments.model, "--dtype", "bfloat16", "--device", "cpu"]
        encoder = self.start("encoder", *model, "--grpc-port", "0")
        self.server = self.start("gateway", "--encoder", encoder, "--grpc-port", "0", "--http-port", "0")
        self.start("denoiser", "--gateway", self.server, *model, wait=False)

    def start(self, name: str, *options: str, wait: bool = True) -> str:
        process = subprocess.Popen([*arguments.command.split(), name, *options], stdout=subprocess.PIPE,
                                   stderr=self.log, text=True)
        self.processes[name] = process
        if not wait:
            return ""
        for line in process.stdout:
            found = re.search(r"(?:listening|gRPC) (\d+\.\d+\.\d+\.\d+:\d+)", line)
            if found:
                return found.group(1)
        raise SystemExit(f"{name} ended; see {self.log.name}")

    def step(self, steps: int) -> float:
        """Seconds of a step of one picture, drawn from shell to file."""
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(240):
                done = subprocess.run(
                    [*arguments.command.split(), "generate", "a b c", "--server", self.server, "--seed", "0",
                     "--width", str(arguments.size), "--height", str(arguments.size), "--steps", str(steps),
                     "--out", folder + "/a.png"], capture_output=True, text=True)
                if done.returncode == 0:
                    return float(re.search(r"denoised in ([\d.]+) s", done.stdout).group(1)) / steps
                time.sleep(2)  # The worker is still loading.
        raise SystemExit(done.stderr)

    def memory(self) -> str:
        parts = {name: resident(self.processes[name].pid) for name in ("encoder", "denoiser")}
        words = [f"{name} {each['VmRSS']:.1f} (own {each['RssAnon']:.1f}, mapped {each['RssFile']:.1f})"
                 for name, each in parts.items()]
        now, peak = (sum(each[field] for each in parts.values()) for field in ("VmRSS", "VmHWM"))
        return f"{now:.1f} GiB resident, {peak:.1f} at most: " + ", ".join(words)

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            process.wait()


if arguments.peer:
    print(f"{reference():.3f}")
    sys.exit()

for number in range(1, arguments.rounds + 1):
    system = System()
    try:
        first = system.step(1)
        warm = system.step(arguments.steps)
        print(f"round {number} ours: {warm:.3f} s/step ({first:.3f} the first); {system.memory()}", flush=True)
    finally:
        system.stop()
    peer = subprocess.run([sys.executable, *sys.argv, "--peer"], capture_output=True, text=True)
    if peer.returncode:
        raise SystemExit(peer.stderr)
    print(f"round {number} diffusers: {float(peer.stdout.split()[-1]):.3f} s/step", flush=True)
