"""The parent's end of the processes that are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .faults import LIBRARY
from .model import Model

_ROOT = Path(__file__).resolve().parents[2]
_SERVE = (
    "import sys; sys.path.insert(0, {root!r}); from benchmarks.crashing.child import serve; serve()"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended: its exit status, a signal as a negative number, or too late."""

    code: int | None
    late: bool = False

    @property
    def killed(self) -> bool:
        """By a signal that was meant for it."""
        return self.code in (-signal.SIGKILL, -signal.SIGTERM) and not self.late


class Processes:
    """Splits off processes from one that has everything imported.  A context manager."""

    def __init__(self, *, library: Path | None):
        """`library`: what `faults.compiled` made, loaded by every one of them."""
        environment = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
        }
        environment.pop(LIBRARY, None)
        if library is not None:
            environment |= {LIBRARY: str(library), "LD_PRELOAD": str(library)}
        self.compiled = library is not None
        self._server = subprocess.Popen(
            [sys.executable, "-c", _SERVE.format(root=str(_ROOT))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
        if self._line() != "ready\n":
            self.close()
            raise RuntimeError("the process that others split off from could not be started")

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        for pipe in (self._server.stdin, self._server.stdout):
            if pipe is not None:
                pipe.close()
        self._server.kill()
        self._server.wait()

    def start(self, role: str, errors: Path, **told: Any) -> int:
        """A process that plays a role; its id.  What it prints goes into the file `errors`."""
        return int(self._ask(role=role, errors=str(errors), **told)["pid"])

    def wait(self, process: int, *, seconds: float = 120) -> Ended:
        """Until it has ended."""
        return Ended(**self._ask(wait=process, seconds=seconds))

    def _ask(self, **told: Any) -> dict[str, Any]:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(told) + "\n")
        self._server.stdin.flush()
        answer: dict[str, Any] = json.loads(self._line())
        return answer

    def _line(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline()


def look(
    processes: Processes,
    index: Path,
    states: Sequence[Model],
    found: Path,
    errors: Path,
    *,
    dead: Sequence[tuple[str, int]] = (),
) -> dict[str, Any]:
    """What `looking.examine` says; "problems" or "error" are in it."""
    found.unlink(missing_ok=True)
    process = processes.start(
        "look",
        errors,
        index=str(index),
        states=[state.as_json() for state in states],
        dead=[list(pair) for pair in dead],
        found=str(found),
    )
    ended = processes.wait(process)
    if ended.code != 0:
        what = "did not end" if ended.late else f"ended with {ended.code}"
        return {"problems": [f"looking {what}: {errors.read_text()[-2000:]}"], "broke": True}
    told: dict[str, Any] = json.loads(found.read_text())
    return told


def said(log: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a log."""
    for line in log.read_text().splitlines(keepends=True) if log.exists() else []:
        if line.endswith("\n"):
            yield json.loads(line)
