"""The processes: one that has everything imported, and those that split off from it in no time.

Told over standard input, a line of JSON each, what to start and whom to wait for.  It does nothing
itself, so that it has no threads when it splits.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

import newsqa.building
from newsqa.building import add_articles, remove_articles
from newsqa.config import Chunking, Settings
from newsqa.embedding import HashingEncoder
from newsqa.errors import ArchiveError, NewsQAError
from newsqa.indexing import Index, Writer, derived, layers, vector_key, vectors

from . import looking, reading
from .faults import Fault, Faults
from .model import row, version_of

DIMENSION = 32
SETTINGS = Settings(chunking=Chunking(max_tokens=24, max_words=12))


def make_small() -> None:
    """All limits such that a few hundred passages meet every kind of index, and merges."""
    layers.TAIL = derived.TAIL = 30
    derived._MANY = 150
    newsqa.building.COMMIT_PASSAGES = 12
    object.__setattr__(vectors.DEFAULT_LIMITS, "exact", 100)
    object.__setattr__(vectors.DEFAULT_LIMITS, "whole", 180)
    vectors.MAPPED_FROM = 20_000


def serve() -> None:
    """Start processes and wait for them until standard input ends."""
    make_small()
    _warm()
    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        if "wait" in told:
            print(json.dumps(_wait(told["wait"], told["seconds"])), flush=True)
            continue
        process = os.fork()
        if process == 0:
            os.dup2(os.open(told["errors"], os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
            os.dup2(2, 1)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            status = 70
            try:
                ROLES[told["role"]](told)
                status = 0
            finally:
                if status:
                    import traceback

                    traceback.print_exc()
                os._exit(status)
        print(json.dumps({"pid": process}), flush=True)


def _warm() -> None:
    """Import what is otherwise imported at first use; nothing that starts threads."""
    from newsqa.articles import load_with_places
    from newsqa.articles.copies import shingles, signature
    from newsqa.chunking import passages

    encoder = HashingEncoder(DIMENSION)
    loaded: Any = next(iter(load_with_places([row("a0", 0)], limits=SETTINGS.loading)))
    passages(loaded.item, encoder.count_tokens, limits=SETTINGS.chunking, window=256)
    signature(shingles(" ".join(map(str, range(99)))))


def _wait(process: int, seconds: float) -> dict[str, Any]:
    """How a process ended; "late" where it did not and had to be killed."""
    until = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return {"code": os.waitstatus_to_exitcode(status)}
        if time.monotonic() > until:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return {"late": True, "code": None}
        time.sleep(0.002)


class Log:
    """What a process announces and has done: a line each, there whole or not at all."""

    def __init__(self, path: str):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, **said: Any) -> None:
        """One write, whatever the limit for files is."""
        least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        os.write(self.file, (json.dumps(said) + "\n").encode())
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))


def work(told: dict[str, Any]) -> None:
    """Carry operations out, meeting a fault."""
    log = Log(told["log"])
    fault = Fault(**told["fault"])
    faults = Faults(log.file)
    _announce_commits(log)
    encoder = _Logged(log)
    held = _open(told, encoder) if told["held"] else None
    for number, operation in enumerate(told["operations"]):
        for attempt in (1, 2):
            log.write(begin=number)
            faults.disarm()
            if number == fault.operation and attempt == 1:
                faults.arm(fault)
            try:
                index = held or _open(told, encoder)
                try:
                    problems = carry_out(index, operation, encoder, told["folder"])
                finally:
                    if held is None:
                        index.close()
            except ArchiveError as error:
                log.write(failed=number, error=f"{type(error).__name__}: {error}")
                if fault.dies:
                    os.kill(os.getpid(), signal.SIGKILL)
                continue
            except BaseException:
                faults.disarm()  # so that it can be printed
                raise
            log.write(end=number, calls=faults.calls(), problems=problems)
            break
    faults.disarm()
    if fault.how == "end":
        os.kill(os.getpid(), signal.SIGKILL)
    if held is not None:
        held.close()
    log.write(over=True)


def carry_out(
    index: Index, operation: dict[str, Any], encoder: HashingEncoder, folder: str
) -> list[str]:
    """One operation; what a repair could not mend."""
    kind, restore = operation["kind"], operation["restore"]
    if kind == "put":
        rows = [row(i, version) for i, version in operation["rows"].items()]
        add_articles(index, rows, encoder=encoder, settings=SETTINGS, restore=restore)
    elif kind == "folder":
        add_articles(
            index, [folder], encoder=encoder, settings=SETTINGS, prune=True, restore=restore
        )
    elif kind == "withdraw":
        remove_articles(index, operation["ids"])
    elif kind == "compact":
        index.compact()
    else:
        return list(index.repair().problems)
    return []


def _open(told: dict[str, Any], encoder: HashingEncoder) -> Index:
    return Index.create(
        told["index"],
        encoder=encoder.name,
        fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
    )


class _Logged(HashingEncoder):
    """Writes down what it is asked to embed, first."""

    def __init__(self, log: Log):
        super().__init__(DIMENSION)
        self._log = log

    def encode(self, texts: Any, *, progress: Any = None) -> Any:
        self._log.write(encode=[vector_key(text).hex() for text in texts])
        return super().encode(texts, progress=progress)


def _announce_commits(log: Log) -> None:
    commit = Writer.commit

    def announced(
        self: Writer, entries: Any = (), *, vectors: Any = None, removed: Any = (),
        removal: Any = "withdrawn",
    ) -> None:  # fmt: skip
        log.write(
            intend={
                "put": {e.article.id: version_of(e.article.text) for e in entries},
                "keys": {e.article.id: [key.hex() for _, key in e.passages] for e in entries},
                "out": list(removed),
                "why": removal,
                "placed": any(e.place for e in entries),
            }
        )
        commit(self, entries, vectors=vectors, removed=removed, removal=removal)
        log.write(committed=True)

    Writer.commit = announced  # type: ignore[method-assign]


def look(told: dict[str, Any]) -> None:
    """Look at an index and write down what is wrong with it."""
    try:
        found = looking.examine(
            Path(told["index"]), told["states"], dead=told["dead"], dimension=DIMENSION,
            settings=SETTINGS,
        )  # fmt: skip
    except NewsQAError as error:
        found = {"error": f"{type(error).__name__}: {error}"}
    Path(told["found"]).write_text(json.dumps(found))


def read(told: dict[str, Any]) -> None:
    """Look again and again while others write."""
    reading.follow(Path(told["index"]), Log(told["log"]), encoder=HashingEncoder(DIMENSION))


def read_versions(told: dict[str, Any]) -> None:
    """Be one of several readers beside a writer of versions."""
    reading.read_versions(told, encoder=HashingEncoder(DIMENSION), log=Log(told["log"]))


def write_versions(told: dict[str, Any]) -> None:
    """Be that writer."""
    reading.write_versions(
        told, encoder=HashingEncoder(DIMENSION), log=Log(told["log"]), settings=SETTINGS
    )


ROLES = {
    "work": work,
    "look": look,
    "read": read,
    "read versions": read_versions,
    "write versions": write_versions,
}
