"""Several readers beside one writer, each in a process of its own, for as long as one likes."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .kills import Outcome
from .processes import Processes, said


@dataclass(slots=True)
class Read(Outcome):
    """What came of it: looks by reader, and the seconds that each tenth of them took, ascending."""

    looks: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def read_beside(processes: Processes, folder: Path, *, seconds: float, readers: int = 4) -> Read:
    """Let readers look, and a writer write, until the time is over."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    told: dict[str, Any] = {
        "index": str(folder / "index"),
        "shared": str(folder / "shared"),
        "until": time.time() + seconds,
    }
    outcome = Read()
    logs = [folder / "writer.log", *(folder / f"reader-{n}.log" for n in range(readers))]
    started: dict[Path, int] = {}
    for log in logs:
        role = "read versions" if started else "write versions"
        errors = log.with_suffix(".errors")
        started[log] = processes.start(role, errors, log=str(log), **told)
        while role == "write versions" and not list(said(log)):
            if errors.exists() and "Traceback" in errors.read_text():
                break
            time.sleep(0.02)
    time.sleep(max(0.0, told["until"] - time.time()))
    for log, process in started.items():
        ended = processes.wait(process, seconds=60)
        if ended.code != 0:
            what = "did not end" if ended.late else f"ended with {ended.code}"
            printed = log.with_suffix(".errors").read_text()
            outcome.findings.append(f"{log.stem} {what}: {printed[-2000:]}")
            continue
        *_, last = said(log)
        for name in ("versions", "compactions", "in_the_way", "opened"):
            if name in last and (name == "opened" or "looks" not in last):
                outcome.counts[name] += last[name]
        if "looks" in last:
            outcome.looks.append(last["looks"])
            outcome.seconds = sorted([*outcome.seconds, *last["seconds"]])
    return outcome
