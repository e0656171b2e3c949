"""Files of an index are damaged while nobody has it open: what does the next to open it find?"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .faults import Fault, How
from .kills import Outcome
from .model import Change, Model, Operation
from .processes import Processes, look, said

LEXICAL = ("*.fast", "*.fieldnorm", "*.idx", "*.pos", "*.store", "*.term", "*.del", "meta.json",
           ".managed.json")  # fmt: skip
TARGETS = (
    "vectors.faiss", "recent.faiss", *(f"lexical/{name}" for name in LEXICAL), "lexical",
    "write.lock", "merge.lock", "newsqa.db", "newsqa.db", "newsqa.db", "newsqa.db-wal",
    "newsqa.db-wal", "newsqa.db-shm",
)  # fmt: skip
TRUTH = ("newsqa.db", "newsqa.db-wal")
HARMS = ("truncated", "flipped", "scrambled", "emptied", "missing", "another's", "older")
_SIZES = {"exact": 12, "inverted file": 36, "quantised inverted file": 62}
"""Articles, by the kind of index that they lead to under the small limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """An index as its process left it when it was killed, an earlier copy, and what it was when."""

    path: Path
    closed: Path
    """The same when another process had opened it and closed it again: nothing is in a log."""
    older: Path
    states: Sequence[Model]
    """All that were committed, the latest last."""
    gone: Sequence[tuple[str, int]]


class Damages:
    """Damages copies of a few indexes that it makes first."""

    def __init__(self, folder: Path, seed: str, processes: Processes):
        self.folder = folder
        self.seed = seed
        self.outcome = Outcome()
        self._processes = processes
        self._rng = random.Random(seed)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._bases = {
            kind: self._make(folder / f"base-{articles}", articles)
            for kind, articles in _SIZES.items()
        }
        self._other = self._make(folder / "other", 14, first=80)

    def run(self, *, damages: int) -> Outcome:
        """Each kind of file harmed in each way that makes sense, over and over."""
        for number, (target, harm) in enumerate(self._pairs(damages)):
            kind = list(self._bases)[number % len(self._bases)]
            self._damage(number, kind, [(target, harm)])
        return self.outcome

    def _pairs(self, count: int) -> Iterator[tuple[str, str]]:
        every = [(target, harm) for target in TARGETS for harm in HARMS if _fits(target, harm)]
        given = 0
        while True:
            self._rng.shuffle(every)
            for pair in every:
                if given == count:
                    return
                given += 1
                yield pair

    def _damage(self, number: int, kind: str, what: list[tuple[str, str]]) -> None:
        base, rng = self._bases[kind], self._rng
        path = self.folder / "index"
        shutil.rmtree(path, ignore_errors=True)
        in_one_file = any(target == "newsqa.db" for target, _ in what)
        shutil.copytree(base.closed if in_one_file else base.path, path)
        done = []
        for target, harm in what:
            place = self._chosen(path, target)
            if place is None:
                self.outcome.counts[f"no {target}"] += 1
                continue
            self._harm(place, harm, base)
            done.append(f"{place.relative_to(path)} {harm}")
        del rng
        states = list(base.states) if _is_truth(what) else [base.states[-1]]
        found = look(
            self._processes, path, states, self.folder / "found.json",
            self.folder / f"{number}.errors", dead=() if _is_truth(what) else base.gone,
        )  # fmt: skip
        name = f"damage {number}, {kind}, {' and '.join(done)}"
        self._judge(name, path, what, states, found)

    def _judge(
        self, name: str, path: Path, what: Sequence[tuple[str, str]], states: Sequence[Model],
        found: dict[str, Any],
    ) -> None:  # fmt: skip
        counts = self.outcome.counts
        counts["damaged"] += 1
        named = set(found.get("named", ()))
        unnamed = [
            problem
            for problem in found.get("problems", [found.get("error")])
            if problem.removeprefix("after a writer: ") not in named
        ]
        if found.get("problems") == []:
            counts["put right"] += 1
        elif "error" in found and (_is_truth(what) or _is_swapped(what)):
            counts["named as an error"] += 1
        elif not unnamed:
            counts["named by check"] += 1
        elif _is_truth(what) and len(unnamed) <= 2 and all(map(_is_of_one_vector, unnamed)):
            # SQLite has no digest of it, and its length is still 1: one passage ranks elsewhere.
            counts["one vector turned, unnoticed"] += 1
        elif _is_swapped(what) and not found.get("broke"):
            # Whole, with a checksum of its own, under the name of another that is as long.
            counts["one file of words swapped, unnoticed"] += 1
        else:
            for problem in unnamed:
                self._find(name, problem)
        if _is_swapped(what):
            self._repair(name, path, states)

    def _repair(self, name: str, path: Path, states: Sequence[Model]) -> None:
        """What is derived can always be made anew."""
        self._work(path, [Operation(kind="repair")], how="none")
        found = look(
            self._processes, path, states, self.folder / "found.json",
            self.folder / "work.errors",
        )  # fmt: skip
        if found.get("error") or found.get("problems"):
            self._find(name, f"a repair did not put it right: {found}")

    def _find(self, name: str, what: str) -> None:
        self.outcome.findings.append(f"seed {self.seed!r}, {name}: {what}")

    # Harm.

    def _chosen(self, path: Path, target: str) -> Path | None:
        """The file that is harmed, or one of several; None where there is none."""
        found = sorted(path.glob(target))
        return self._rng.choice(found) if found else None

    def _harm(self, place: Path, harm: str, base: Base) -> None:
        if harm in ("another's", "older"):
            self._replace(place, base.older if harm == "older" else self._other.path)
        elif harm == "missing":
            shutil.rmtree(place) if place.is_dir() else place.unlink()
        elif place.is_dir():  # emptied
            shutil.rmtree(place)
            place.mkdir()
        else:
            data = bytearray(place.read_bytes())
            at = self._rng.randrange(max(1, len(data)))
            if harm == "truncated":
                del data[at:]
            elif harm == "emptied":
                data.clear()
            elif data:
                for where in range(at, min(len(data), at + (1 if harm == "flipped" else 64))):
                    data[where] ^= 1 << self._rng.randrange(8)
            place.write_bytes(data)

    def _replace(self, place: Path, source: Path) -> None:
        relative = place.relative_to(self.folder / "index")
        if place.is_dir():
            shutil.rmtree(place)
            shutil.copytree(source / relative, place)
            return
        candidates = sorted(source.glob(f"{relative.parent}/*{place.suffix or place.name}"))
        if candidates:
            shutil.copy(self._rng.choice(candidates), place)

    # Making.

    def _make(self, path: Path, articles: int, *, first: int = 0) -> Base:
        """Put in, changed, taken out; copied; changed again; killed at the end."""
        ids = [f"a{n}" for n in range(first, first + articles)]
        rows = dict.fromkeys(ids, 1)
        early = [
            Operation(kind="put", rows={**rows, "a150": 1, "a151": 1}),
            Operation(kind="withdraw", ids=["a150"]),
        ]
        late = [
            Operation(kind="put", rows=dict.fromkeys(ids[:3], 2)),
            Operation(kind="put", rows={"a152": 1}),
            Operation(kind="withdraw", ids=["a151"]),
        ]
        states = [Model()]
        for operations in (early, late):
            log = self._work(path, operations, how="end" if operations is late else "none")
            for line in said(log):
                if "intend" in line:
                    told = {name: of for name, of in line["intend"].items() if name != "keys"}
                    states.append(states[-1].after(Change(**told)))
            if operations is early:
                shutil.copytree(path, path.with_name(f"{path.name}-older"))
        closed = path.with_name(f"{path.name}-closed")
        shutil.copytree(path, closed)
        self._work(closed, [], how="none")
        gone = {pair for state in states for pair in state.articles.items()}
        return Base(
            path=path,
            closed=closed,
            older=path.with_name(f"{path.name}-older"),
            states=states,
            gone=sorted(gone - set(states[-1].articles.items())),
        )

    def _work(self, path: Path, operations: Sequence[Operation], *, how: How) -> Path:
        """Carry operations out on an index; the log of it."""
        log = self.folder / "work.log"
        log.unlink(missing_ok=True)
        process = self._processes.start(
            "work", self.folder / "work.errors", log=str(log), index=str(path), held=True,
            folder=str(self.folder), fault=Fault(how=how).as_json(),
            operations=[operation.as_json() for operation in operations],
        )  # fmt: skip
        ended = self._processes.wait(process)
        if ended.code != 0 and not (how == "end" and ended.killed):
            self._find(str(path), (self.folder / "work.errors").read_text()[-2000:])
        return log


def _is_truth(what: Sequence[tuple[str, str]]) -> bool:
    return any(target in TRUTH for target, _ in what)


def _is_of_one_vector(problem: str) -> bool:
    return problem.startswith(("vectors are not those", "passage ")) and "where it" not in problem


def _is_swapped(what: Sequence[tuple[str, str]]) -> bool:
    """Of a segment of the lexicon a single file that is whole, but not its own."""
    return any(
        target.startswith("lexical/*.") and harm in ("another's", "older") for target, harm in what
    )


def _fits(target: str, harm: str) -> bool:
    if target == "lexical":
        return harm in ("emptied", "missing", "another's", "older")
    # Of a store that was killed, no single file can be put back: they go together.
    return not (target.startswith("newsqa.db") and harm in ("another's", "older"))
