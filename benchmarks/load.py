"""The page under load: so many users who ask, read and ask again; errors, p95, memory.

    python benchmarks/load.py --index indexes/default --picture load.svg
    python benchmarks/load.py --users 4 --seconds 1800 --pause 2 --picture soak.svg     # a soak

It serves the page in a process of its own and asks as a browser does, each user in a session of
their own.  An answer is there when its last piece is.  What it prints is one JSON line; the
picture shows each answer's seconds, their p95 over time, and the server's memory.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

DONE = 'aria-busy=\\"false\\"'
SPANS = 15
"""Of time, for each of which the picture has a p95."""
LIMIT = 120.0
"""Seconds after which an answer counts as an error."""


@dataclass
class Seen:
    """What happened, in seconds from the start."""

    answers: list[tuple[float, float]] = field(default_factory=list)
    """When each was asked for, and how long it took."""
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    """When, and MiB."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where questions go: what the page's own settings say of the question's box."""

    url: str
    function: int
    trigger: int
    data: tuple[object, ...]
    """What goes along with a question: a conversation of the session, and no bounds."""


def main() -> None:
    """Serve, load, say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("indexes/default"))
    parser.add_argument("--questions", type=Path, default=Path("seeds/questions.jsonl"))
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--pause", type=float, default=10.0, help="mean seconds between questions")
    parser.add_argument("--port", type=int, default=7963)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    lines = options.questions.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines if line.strip()]
    server = subprocess.Popen(
        [sys.executable, "-m", "newsqa", "chat", "--json", "--index", str(options.index),
         "--port", str(options.port)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        seen = load(target_of(address(server)), server.pid, questions, options)
    finally:
        server.terminate()
        server.wait(30)
    print(json.dumps(summary(seen, options)))
    if options.picture:
        draw(seen, options.picture)


def address(server: subprocess.Popen[str]) -> str:
    """Where it serves, as it says once it does."""
    assert server.stdout is not None
    said = ""
    for line in server.stdout:
        said += line
        if line.startswith("}"):
            return str(json.loads(said)["url"])
    raise RuntimeError("the page could not be served")


def target_of(url: str) -> Target:
    """Look up what the question's box triggers."""
    config = httpx.get(f"{url}config", timeout=30).json()
    box = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "question")
    asking = next(d for d in config["dependencies"] if [box, "submit"] in d["targets"])
    value = {c["id"]: c["props"].get("value") for c in config["components"]}
    along = tuple(value.get(component) for component in asking["inputs"][1:])
    return Target(url=url, function=asking["id"], trigger=box, data=along)


def load(target: Target, pid: int, questions: list[str], options: argparse.Namespace) -> Seen:
    """Let all users ask until time is up."""
    seen, start = Seen(), time.monotonic()
    stop = start + options.seconds
    users = [
        threading.Thread(target=user, args=(target, questions, options.pause, start, stop, seen, n))
        for n in range(options.users)
    ]
    for each in users:
        each.start()
    while any(each.is_alive() for each in users):
        seen.memory.append((time.monotonic() - start, resident(pid)))
        time.sleep(1)
    return seen


def user(
    target: Target,
    questions: list[str],
    pause: float,
    start: float,
    stop: float,
    seen: Seen,
    number: int,
) -> None:
    """One who asks, reads for a while and asks again, in one conversation."""
    chance, session = random.Random(number), uuid.uuid4().hex[:10]
    time.sleep(chance.uniform(0, pause))
    with httpx.Client(timeout=LIMIT) as client:
        while time.monotonic() < stop:
            asked = time.monotonic()
            try:
                ask(client, target, chance.choice(questions), session)
                seen.answers.append((asked - start, time.monotonic() - asked))
            except Exception as error:  # whatever it is, it is an error of the page
                seen.errors.append(f"{type(error).__name__}: {error}")
            time.sleep(chance.expovariate(1 / pause))


def ask(client: httpx.Client, target: Target, question: str, session: str) -> None:
    """Ask, and return when the answer is complete; raises where it does not come."""
    joined = client.post(
        f"{target.url}gradio_api/queue/join",
        json={
            "data": [question, *target.data],
            "fn_index": target.function,
            "trigger_id": target.trigger,
            "session_hash": session,
        },
    )
    joined.raise_for_status()
    done = False
    data = {"session_hash": session}
    with client.stream("GET", f"{target.url}gradio_api/queue/data", params=data) as lines:
        for line in lines.iter_lines():
            if not line.startswith("data:"):
                continue
            done = done or DONE in line
            message: dict[str, Any] = json.loads(line[5:])
            if message["msg"] == "process_completed":
                if not message.get("success") or not done:
                    raise RuntimeError(str(message.get("output"))[:200])
                return
    raise RuntimeError("the stream ended before the answer")


def resident(pid: int) -> float:
    """MiB of memory that a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def summary(seen: Seen, options: argparse.Namespace) -> dict[str, Any]:
    """In numbers; memory is told by the medians of its first and its last tenth."""
    seconds = [took for _, took in seen.answers]
    tenth = max(1, len(seen.memory) // 10)
    return {
        "users": options.users,
        "seconds": options.seconds,
        "answers": len(seconds),
        "errors": len(seen.errors),
        "first_error": seen.errors[0] if seen.errors else None,
        "median": round(statistics.median(seconds), 2) if seconds else None,
        "p95": round(p95(seconds), 2) if seconds else None,
        "memory_first": round(statistics.median(m for _, m in seen.memory[:tenth])),
        "memory_last": round(statistics.median(m for _, m in seen.memory[-tenth:])),
    }


def p95(seconds: Sequence[float]) -> float:
    """What all but one of twenty take at most."""
    return sorted(seconds)[int(len(seconds) * 0.95)]


def over_time(answers: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The p95 of answers by when they were asked for, in up to `SPANS` spans of equal length."""
    length = max(asked for asked, _ in answers) / SPANS + 1e-9
    spans: dict[int, list[float]] = {}
    for asked, took in answers:
        spans.setdefault(int(asked / length), []).append(took)
    return [((at + 0.5) * length, p95(spans[at])) for at in sorted(spans)]


def draw(seen: Seen, path: Path) -> None:
    """Answers and memory over time."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (above, below) = pyplot.subplots(2, 1, sharex=True, figsize=(8, 5))
    if seen.answers:
        points = zip(*seen.answers, strict=True)
        above.scatter(*points, s=8, alpha=0.35, label="an answer", rasterized=True)
        above.plot(*zip(*over_time(seen.answers), strict=True), color="C3", label="p95")
        above.legend(loc="upper right")
    above.set_ylabel("seconds to an answer")
    above.set_ylim(bottom=0)
    below.plot(*zip(*seen.memory, strict=True), rasterized=True)
    below.set_ylabel("memory, MiB")
    below.set_ylim(bottom=0)
    below.set_xlabel("seconds from the start")
    figure.tight_layout()
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
