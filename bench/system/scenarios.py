"""The three services as a system: starts them, uses them over REST, breaks them, and tells what happened.

    python bench/system/scenarios.py [SCENARIO ...]        all of them without a name; --list names them

Needs Python 3.10 and Linux (it reads /proc), and a build: ./fluxgate --version makes one. Every scenario starts the
services anew with the embedded model. Exit code 1 if one did not hold what it promises.
"""

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import http.client
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENDED = {"SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"}
PROMPT = "a large red circle on a white background"
COLOURS = "red green blue yellow purple orange cyan pink brown".split()
SHAPES = "circle square triangle star heart ring cross diamond moon".split()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclasses.dataclass
class System:
    """`fluxgate up`, and a client of its REST interface."""

    process: subprocess.Popen
    port: int
    started: float
    ready: float
    log: pathlib.Path

    def request(self, method: str, path: str, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        with contextlib.closing(connection):
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
            response = connection.getresponse()
            content = response.read()
            if response.getheader("Content-Type", "").startswith("application/json"):
                return response.status, json.loads(content)
            return response.status, content

    def create(self, prompt: str, **parameters) -> dict:
        status, job = self.request("POST", "/v1/jobs", {"prompt": prompt, **parameters})
        assert status == 202, (status, job)
        return job

    def events(self, job_id: str):
        """(time, job) of every event until the job has ended."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        with contextlib.closing(connection):
            connection.request("GET", f"/v1/jobs/{job_id}/events", headers={"Accept": "text/event-stream"})
            response = connection.getresponse()
            assert response.status == 200, (response.status, response.read())
            for line in response:
                if line.startswith(b"data:"):
                    job = json.loads(line[5:])
                    if "state" in job:
                        yield time.perf_counter(), job
                        if job["state"] in ENDED:
                            return

    def wait(self, job_id: str) -> dict:
        *_, (_, job) = self.events(job_id)
        return job

    def image(self, job_id: str, index: int = 0) -> bytes:
        status, png = self.request("GET", f"/v1/jobs/{job_id}/images/{index}")
        assert status == 200, (status, png)
        return png

    def draw(self, prompt: str, **parameters) -> tuple[dict, bytes]:
        job = self.wait(self.create(prompt, **parameters)["id"])
        assert job["state"] == "SUCCEEDED", job
        return job, self.image(job["id"])

    def children(self) -> dict[str, list[int]]:
        """Process ids by service."""
        found: dict[str, list[int]] = {"encoder": [], "gateway": [], "denoiser": []}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                    words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                    if parent == self.process.pid:
                        for service in found:
                            if service in words:
                                found[service].append(int(entry.name))
        return {service: sorted(pids) for service, pids in found.items()}

    def memory(self, pid: int, key: str = "VmHWM") -> int:
        """Peak (VmHWM) or present (VmRSS) resident bytes."""
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) << 10
        raise KeyError(key)

    def until_ready(self, limit: float = 60) -> float:
        start = time.perf_counter()
        while time.perf_counter() - start < limit:
            with contextlib.suppress(OSError):
                if self.request("GET", "/readyz")[0] == 200:
                    return time.perf_counter() - start
            time.sleep(0.02)
        raise AssertionError("not ready again")


@contextlib.contextmanager
def up(denoisers: int = 1):
    port = free_port()
    folder = tempfile.TemporaryDirectory()
    log = pathlib.Path(folder.name, "up.log")
    command = [str(ROOT / "fluxgate"), "up", "--denoisers", str(denoisers), "--http-port", str(port)]
    command += ["--grpc-port", str(free_port())]
    with folder, log.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=out, text=True)
        try:
            line = process.stdout.readline().strip()
            ready = time.perf_counter()
            assert line == f"ready http://127.0.0.1:{port}", line + log.read_text()
            yield System(process, port, started, ready, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(60)
                assert code == 0, (code, log.read_text()[-3000:])
            finally:
                process.kill()


def prompts(count: int):
    for i in range(count):
        yield f"a {COLOURS[i % 9]} {SHAPES[i // 9 % 9]} on a {COLOURS[(i + 1 + i // 9) % 9]} background"


def warm(system: System, jobs: int = 40) -> None:
    """Long enough for the compiler of every process to have seen what it needs."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda prompt: system.draw(prompt, seed=1), prompts(jobs)))


def between(begin: str, end: str) -> float:
    """Milliseconds between two times of the JSON, whose fractions have up to nine digits."""

    def millis(text: str) -> float:
        whole, _, fraction = text.rstrip("Z").partition(".")
        return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 1e3 + float(f"0.{fraction or 0}") * 1e3

    return millis(end) - millis(begin)


def mib(size: float) -> str:
    return f"{size / (1 << 20):.0f} MiB"


def scenario_ready() -> None:
    """From the shell to `ready`, three times."""
    for _ in range(3):
        with up() as system:
            print(f"ready after {system.ready - system.started:.2f} s")


def scenario_warm() -> None:
    """One toy picture after another over REST, warm; what the gateway adds; peak memory of each process."""
    with up() as system:
        warm(system)
        totals, rest, own = [], [], []
        for prompt in list(prompts(81))[40:70]:
            start = time.perf_counter()
            job, _ = system.draw(prompt, seed=7)
            total = (time.perf_counter() - start) * 1e3
            timings = {name: int(value) for name, value in job["timings"].items()}
            totals.append(total)
            stages = timings["encodeMillis"] + timings["denoiseMillis"] + timings["decodeMillis"]
            rest.append(total - stages)
            own.append(between(job["createTime"], job["endTime"]) - stages)
        print(f"end to end {statistics.median(totals):.0f} ms; without encoder, steps and decoder "
              f"{statistics.median(rest):.1f} ms, of which the gateway saw {statistics.median(own):.1f} ms "
              f"(medians of {len(totals)}; the rest is HTTP and this client)")
        for service, pids in system.children().items():
            print(f"peak memory {service}: {', '.join(mib(system.memory(pid)) for pid in pids)}")


def scenario_cache_hit() -> None:
    """The same prompt twice: the second is a hit in /metrics."""

    def hits(system: System) -> float:
        text = system.request("GET", "/metrics")[1].decode()
        return sum(float(line.split()[-1]) for line in text.splitlines()
                   if line.startswith("fluxgate_embedding_cache_hits_total"))

    with up() as system:
        counts = [hits(system)]
        for seed in (1, 2):
            system.draw(PROMPT, seed=seed)
            counts.append(hits(system))
        print(f"fluxgate_embedding_cache_hits_total before, after the first, after the second: {counts}")
        assert counts == [0, 0, 1], counts


def scenario_cancel() -> None:
    """A job of 200 steps cancelled in the middle, ten times: from the call to the end of the last step."""
    with up() as system:
        warm(system)
        worst = 0.0
        for turn in range(10):
            job = system.create(PROMPT, numInferenceSteps=200, width=256, height=256, seed=turn)
            called, steps = None, []
            for when, now in system.events(job["id"]):
                if now["state"] == "RUNNING":
                    steps.append((when, now["step"]))
                if called is None and now["step"] >= 20:
                    called = time.perf_counter()
                    status, _ = system.request("POST", f"/v1/jobs/{job['id']}:cancel")
                    assert status == 200, status
                if now["state"] in ENDED:
                    assert now["state"] == "CANCELLED", now
                    ended = when
            (t0, s0), (t1, s1) = steps[0], steps[-1]
            step = (t1 - t0) / max(1, s1 - s0)
            took = ended - called
            worst = max(worst, took - step)
            print(f"{took * 1e3:.0f} ms from the call to CANCELLED, which follows the last step ({s1} of 200); "
                  f"a step {step * 1e3:.0f} ms")
        print(f"worst beyond one step: {worst * 1e3:.0f} ms")
        assert worst < 0.1, worst


def scenario_hang_up() -> None:
    """A caller of OpenAI's image call hangs up in the middle of 200 steps, ten times: from there to the last step."""
    with up() as system:
        warm(system)
        worst = 0.0
        for turn in range(10):
            body = json.dumps({"prompt": PROMPT, "size": "256x256", "steps": 200, "seed": turn})
            caller = socket.create_connection(("127.0.0.1", system.port))
            head = f"POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
            caller.sendall(f"{head}Content-Type: application/json\r\n\r\n{body}".encode())
            jobs: list = []
            while not jobs:
                jobs = system.request("GET", "/v1/jobs?state=RUNNING")[1]["jobs"]
            left, steps = None, []
            for when, now in system.events(jobs[0]["id"]):
                if now["state"] == "RUNNING":
                    steps.append((when, now["step"]))
                if left is None and now["step"] >= 20:
                    caller.close()
                    left = time.perf_counter()
                if now["state"] in ENDED:
                    assert now["state"] == "CANCELLED", now
                    ended = when
            (t0, s0), (t1, s1) = steps[0], steps[-1]
            step = (t1 - t0) / max(1, s1 - s0)
            worst = max(worst, ended - left - step)
            print(f"{(ended - left) * 1e3:.0f} ms from hanging up to CANCELLED, after step {s1} of 200; "
                  f"a step {step * 1e3:.0f} ms")
        print(f"worst beyond one step: {worst * 1e3:.0f} ms")
        assert worst < 0.1, worst


def scenario_kill_worker() -> None:
    """kill -9 of the worker that draws: another one finishes, the picture is the same."""
    with up(denoisers=2) as system:
        parameters = {"numInferenceSteps": 100, "seed": 11}
        _, undisturbed = system.draw(PROMPT, **parameters)
        before = system.children()["denoiser"]
        job = system.create(PROMPT, **parameters)
        killed = None
        for _, now in system.events(job["id"]):
            if killed is None and now["step"] >= 30:
                # The busy one is the one with the most processor time since the job began.
                killed = busiest(before)
                os.kill(killed, signal.SIGKILL)
                at = time.perf_counter()
        assert now["state"] == "SUCCEEDED", now
        took = time.perf_counter() - at
        same = hashlib.sha256(system.image(job["id"])).digest() == hashlib.sha256(undisturbed).digest()
        print(f"killed at step 30 of 100; done {took:.1f} s later; same picture: {same}")
        assert same
        system.until_ready()


def busiest(pids: list[int]) -> int:
    def ticks(pid: int) -> int:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    before = {pid: ticks(pid) for pid in pids}
    time.sleep(0.1)
    return max(pids, key=lambda pid: ticks(pid) - before[pid])


def scenario_kill_encoder() -> None:
    """kill -9 of the encoder with 40 new prompts on their way: every job ends well."""
    with up() as system:
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            running = [pool.submit(system.draw, prompt, seed=3) for prompt in prompts(40)]
            time.sleep(0.3)
            os.kill(system.children()["encoder"][0], signal.SIGKILL)
            done = [future.result()[0]["state"] for future in running]
        print(f"{done.count('SUCCEEDED')} of {len(done)} jobs succeeded")


def scenario_restart_gateway() -> None:
    """kill -9 of the gateway: it comes back, and the workers find it."""
    with up(denoisers=2) as system:
        workers = system.children()["denoiser"]
        os.kill(system.children()["gateway"][0], signal.SIGKILL)
        print(f"ready again after {system.until_ready():.2f} s")
        system.draw(PROMPT, seed=1)
        assert system.children()["denoiser"] == workers, "workers were not kept"
        deadline = time.perf_counter() + 20
        while attached(system) < 2 and time.perf_counter() < deadline:
            time.sleep(0.05)
        print(f"workers attached again: {attached(system)} of 2, the same processes")
        assert attached(system) == 2


def attached(system: System) -> int:
    return sum(model["workers"] for model in system.request("GET", "/v1/models")[1]["data"])


def scenario_stalled_readers() -> None:
    """Long jobs with previews, watched by one reader, then also by 500 that never read: memory and speed of both."""
    with up() as system:
        warm(system, 20)
        gateway = system.children()["gateway"][0]
        for readers in (0, 0, 500, 500):
            job = system.create(PROMPT, numInferenceSteps=400, seed=readers, previewInterval=1)
            sockets = [stalled_reader(system.port, job["id"]) for _ in range(readers)]
            start = time.perf_counter()
            sizes = [system.memory(gateway, "VmRSS")]
            for _, now in system.events(job["id"]):
                sizes.append(system.memory(gateway, "VmRSS"))
            assert now["state"] == "SUCCEEDED", now
            print(f"{readers} stalled readers: {time.perf_counter() - start:.1f} s, {len(sizes)} events read, gateway "
                  f"resident {mib(sizes[0])} at first, {mib(max(sizes))} at most, {mib(sizes[-1])} at last")
            for connection in sockets:
                connection.close()


def stalled_reader(port: int, job_id: str) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    path = f"/v1/jobs/{job_id}/events?previews=true"
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return connection


def scenario_many_jobs() -> None:
    """64 jobs at once over 4 workers."""
    with up(denoisers=4) as system:
        warm(system, 24)
        start = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            done = list(pool.map(lambda prompt: system.draw(prompt, seed=5), prompts(64)))
        took = time.perf_counter() - start
        print(f"{len(done)} jobs in {took:.1f} s, {len(done) / took:.1f} a second, on {os.cpu_count()} processors")
        for service, pids in system.children().items():
            print(f"peak memory {service}: {', '.join(mib(system.memory(pid)) for pid in pids)}")


SCENARIOS = {name.removeprefix("scenario_"): f for name, f in globals().items() if name.startswith("scenario_")}


def main(names: list[str]) -> int:
    if names == ["--list"]:
        for name, scenario in SCENARIOS.items():
            print(f"{name:18} {scenario.__doc__.strip()}")
        return 0
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        print(f"scenario: {unknown[0]} (expected: {', '.join(SCENARIOS)})", file=sys.stderr)
        return 2
    failed = []
    for name in names or SCENARIOS:
        print(f"== {name}: {SCENARIOS[name].__doc__.strip()}", flush=True)
        try:
            SCENARIOS[name]()
        except AssertionError as e:
            print(f"FAILED: {e}")
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    threading.stack_size(1 << 20)
    sys.exit(main(sys.argv[1:]))
