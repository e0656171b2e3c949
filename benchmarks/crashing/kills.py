"""Lives of indexes: operations, a fault in their midst, a look at what is there, and on from it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .faults import Fault
from .following import Known
from .model import Model, Operation, row, script
from .processes import Processes, look, said

_HOW = {"before": 24, "after": 24, "torn": 12, "time": 18, "term": 4, "full": 7, "full once": 5,
        "limit": 6}  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What came of a life."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """Processes that were killed while they were at it."""
        return self.counts["killed"]


class Life:
    """One index from its making on, in a folder of its own."""

    def __init__(self, folder: Path, seed: str, processes: Processes):
        self.folder = folder
        self.seed = seed
        self.outcome = Outcome()
        self._processes = processes
        self._rng = random.Random(seed)
        self._known = Known(
            find=self._find, counts=self.outcome.counts, compiled=processes.compiled
        )
        self._files: dict[str, int] = {}
        self._round = 0
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "files").mkdir(parents=True)
        self.index = folder / "index"

    def run(self, *, kills: int) -> Outcome:
        """Go on until so many processes were killed, or something is wrong."""
        rounds = 20 + 4 * kills
        while self.outcome.kills < kills and not self.outcome.findings and self._round < rounds:
            self._round += 1
            self._one_round()
        return self.outcome

    def _one_round(self) -> None:
        rng, counts = self._rng, self.outcome.counts
        if len(self._known.states) == 1 and self._round > 3 and rng.random() < 0.08:
            self._put_back(rng.choice((1, 2)))
        operations = script(self._known.states[0], self._files, rng)
        self._write_files()
        fault = self._fault(operations)
        told = {
            "index": str(self.index),
            "folder": str(self.folder / "files"),
            "operations": [operation.as_json() for operation in operations],
            "fault": fault.as_json(),
            "held": rng.random() < 0.4,
        }
        log = self.folder / f"{self._round}.log"
        self._note(told)
        reader = self._start_reader() if rng.random() < 0.3 else None
        process = self._processes.start("work", self._errors, log=str(log), **told)
        if fault.how in ("time", "term"):
            _wait_for(log, '{"begin"', process)
            time.sleep(fault.at)
            os.kill(process, signal.SIGKILL if fault.how == "time" else signal.SIGTERM)
        ended = self._processes.wait(process)
        history = self._known.follow(log, operations, fault, alone=reader is None)
        over = any("over" in line for line in said(log))
        if not ended.killed and not (ended.code == 0 and over):
            what = "did not end" if ended.late else f"ended with {ended.code}"
            self._find(f"the process {what}: {self._errors.read_text()[-1500:]}")
        if reader is not None:
            self._end_reader(reader, history)
        counts["killed"] += ended.killed
        counts[f"by {fault.how}" if ended.killed else f"lived through {fault.how}"] += 1
        if ended.killed and fault.how not in ("time", "term"):
            counts[f"in {operations[fault.operation].kind}"] += 1
        # Some are killed twice before anybody looks.
        if rng.random() < 0.75 or not ended.killed or len(self._known.states) > 3:
            self._look()

    # What is done to it.

    def _fault(self, operations: Sequence[Operation]) -> Fault:
        rng = self._rng
        weights = dict(_HOW)
        if not self._processes.compiled:
            del weights["full"], weights["full once"]
        (how,) = rng.choices(list(weights), list(weights.values()))
        number = rng.randrange(len(operations))
        if how in ("time", "term"):
            at = rng.random() * rng.choice((0.05, 0.3, 0.9))
        elif how == "limit":
            at = float(int(rng.choice((4096, 20_000, 100_000)) * rng.random()))
        else:
            at = float(rng.randint(1, max(2, self._known.calls[operations[number].kind])))
        return Fault(how=how, operation=number, at=at, dies=rng.random() < 0.5)  # type: ignore[arg-type]

    def _put_back(self, version: int) -> None:
        """Make it an index of an older format, as that version would have left it."""
        if not (self.index / "newsqa.db").exists():
            return
        older_format(self.index / "newsqa.db", version)
        self._known.states = [state.of_an_older_format() for state in self._known.states]
        self.outcome.counts[f"put back to format {version}"] += 1

    def _write_files(self) -> None:
        place = self.folder / "files"
        for file in place.iterdir():
            if file.stem not in self._files:
                file.unlink()
        for article_id, version in self._files.items():
            (place / f"{article_id}.json").write_text(json.dumps(row(article_id, version)))

    # Looking.

    def _look(self) -> None:
        if not (self.index / "newsqa.db").exists():
            if any(state.articles for state in self._known.states):
                self._find("there is no index any more")
            return
        found = look(
            self._processes,
            self.index,
            self._known.states,
            self.folder / "found.json",
            self._errors,
            dead=self._dead(),
        )
        self.outcome.counts["looks"] += 1
        for problem in found.get("problems", [found.get("error")]):
            self._find(problem)
        if found.get("state") is not None:
            self._known.states = [self._known.states[found["state"]]]
            self.outcome.counts[f"{found['kind']} index"] += 1

    def _dead(self) -> list[tuple[str, int]]:
        live = {pair for state in self._known.states for pair in state.articles.items()}
        return sorted(set(self._known.gone[-60:]) - live)

    # Reading beside it.

    def _start_reader(self) -> tuple[int, Path]:
        log = self.folder / f"{self._round}.reader"
        process = self._processes.start("read", self._errors, index=str(self.index), log=str(log))
        if (self.index / "newsqa.db").exists():
            _wait_for(log, '{"view"', process)
        return process, log

    def _end_reader(self, reader: tuple[int, Path], history: Sequence[Sequence[Model]]) -> None:
        process, log = reader
        views = sum("view" in line for line in said(log))
        time.sleep(0.03)  # one more look, at what is there now
        os.kill(process, signal.SIGKILL)
        ended = self._processes.wait(process)
        if not ended.killed:
            self._find(f"the reader ended with {ended.code}: {self._errors.read_text()[-1500:]}")
        self.outcome.counts["views beside a writer"] += views
        at = 0
        for line in said(log):
            if "torn" in line:
                self._find(f"a reader's two searches disagree: {line['torn']}")
            if "seen" not in line:
                continue
            later = [
                n
                for n in range(at, len(history))
                if any(state.articles == line["seen"] for state in history[n])
            ]
            if not later:
                self._find(f"a reader saw what was not committed then: {line['seen']}")
                return
            at = later[0]

    # Telling.

    @property
    def _errors(self) -> Path:
        return self.folder / f"{self._round}.errors"

    def _note(self, told: dict[str, Any]) -> None:
        (self.folder / f"{self._round}.json").write_text(json.dumps(told))

    def _find(self, what: str) -> None:
        self.outcome.findings.append(
            f"seed {self.seed!r}, round {self._round}: {what} (see {self.folder})"
        )


def older_format(file: Path, version: int) -> None:
    """Turn a store into one of format 1 or 2."""
    with closing(sqlite3.connect(file)) as connection:
        for table in ("commits", "arrivals", "places", "history"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute("DROP INDEX IF EXISTS articles_filters")
        if version == 1:
            connection.execute("DROP TABLE IF EXISTS copies")
            connection.execute("DROP TABLE IF EXISTS bands")
        connection.execute("DELETE FROM meta WHERE name = 'token'")
        connection.execute("UPDATE meta SET value = ? WHERE name = 'format'", (str(version),))
        connection.commit()


def _wait_for(log: Path, start: str, process: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if log.exists() and start in log.read_text():
            return
        if Path(f"/proc/{process}/stat").exists() and _is_over(process):
            return
        time.sleep(0.003)


def _is_over(process: int) -> bool:
    state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    return state == "Z"
