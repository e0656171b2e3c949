"""Killed at any instant, its disk full, its files damaged: what was committed is there, whole.

A small part of `benchmarks/crashes.py`, with seeds of its own.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.crashing.damages import Damages
from benchmarks.crashing.faults import Fault, compiled
from benchmarks.crashing.kills import Life
from benchmarks.crashing.model import Change, Model, Operation
from benchmarks.crashing.processes import Processes, look
from benchmarks.crashing.readers import read_beside

SEED = 20240311
KILLS, DAMAGES = 25, 15


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """With all of its faults where there is a C compiler, else with those that Python knows."""
    with Processes(library=compiled(tmp_path_factory.mktemp("library"))) as started:
        yield started


def test_killed_at_any_instant_it_goes_on_from_the_last_commit(
    processes: Processes, tmp_path: Path
) -> None:
    outcome = Life(tmp_path, f"{SEED}.kills", processes).run(kills=KILLS)
    assert not outcome.findings, "\n".join(outcome.findings)
    assert outcome.kills == KILLS
    assert outcome.counts["looks"] > KILLS / 2
    assert outcome.counts["operations"] > 5


def test_it_is_killed_where_there_is_no_compiler_too(tmp_path: Path) -> None:
    with Processes(library=None) as processes:
        outcome = Life(tmp_path, f"{SEED}.python", processes).run(kills=3)
    assert not outcome.findings, "\n".join(outcome.findings)
    assert outcome.kills == 3


def test_files_that_are_damaged_are_put_right_or_named(
    processes: Processes, tmp_path: Path
) -> None:
    outcome = Damages(tmp_path / "damages", f"{SEED}.damages", processes).run(damages=DAMAGES)
    assert not outcome.findings, "\n".join(outcome.findings)
    assert outcome.counts["damaged"] == DAMAGES
    assert outcome.counts["put right"] > 0


def test_readers_beside_a_writer_see_whole_versions(processes: Processes, tmp_path: Path) -> None:
    outcome = read_beside(processes, tmp_path / "readers", seconds=3, readers=2)
    assert not outcome.findings, "\n".join(outcome.findings)
    assert outcome.counts["versions"] > 0
    assert len(outcome.looks) == 2
    assert min(outcome.looks) > 0


# The harness itself: can it find anything?


def committed(processes: Processes, folder: Path) -> tuple[Path, Model]:
    """An index of three articles, one of them changed and one withdrawn."""
    operations = [
        Operation(kind="put", rows={"a1": 1, "a2": 1, "a3": 1}),
        Operation(kind="put", rows={"a1": 2}),
        Operation(kind="withdraw", ids=["a3"]),
    ]
    state = Model()
    for operation in operations:
        state = state.done(operation)
    process = processes.start(
        "work", folder / "errors", log=str(folder / "log"), index=str(folder / "index"),
        folder=str(folder), held=False, fault=Fault(how="none").as_json(),
        operations=[operation.as_json() for operation in operations],
    )  # fmt: skip
    assert processes.wait(process).code == 0, (folder / "errors").read_text()
    return folder / "index", state


def test_whatever_is_lost_wrong_or_left_over_is_found(processes: Processes, tmp_path: Path) -> None:
    index, state = committed(processes, tmp_path)

    def found(expected: Model, dead: tuple[tuple[str, int], ...] = ()) -> list[str]:
        told = look(
            processes, index, [expected], tmp_path / "found", tmp_path / "errors", dead=dead
        )
        problems: list[str] = told["problems"]
        return problems

    assert found(state, dead=(("a1", 1), ("a3", 1))) == []
    more = state.after(Change(put={"a9": 1}, out=(), why="", placed=False))
    assert "a9 is missing" in found(more)[0]
    fewer = state.after(Change(put={}, out=["a2"], why="withdrawn", placed=False))
    assert "a2 should not be there" in found(fewer)[0]
    other = state.after(Change(put={"a2": 5}, out=(), why="", placed=False))
    assert "a2 is version 1, expected 5" in found(other)[0]
    forgotten = Model(state.articles, {**state.history, "a3": ("removed",)})
    assert "of a3 it knows ['withdrawn']" in found(forgotten)[0]
    assert "is found, though it is gone" in found(state, dead=(("a2", 1),))[0]
    (index / "newsqa.db.new").write_text("left")
    assert "left over: newsqa.db.new" in found(state)


def test_a_process_meets_what_it_is_told_to_meet(processes: Processes, tmp_path: Path) -> None:
    for how, killed in (("before", True), ("after", True), ("none", False)):
        log = tmp_path / f"{how}.log"
        process = processes.start(
            "work", tmp_path / "errors", log=str(log), index=str(tmp_path / how),
            folder=str(tmp_path), held=False, fault=Fault(how=how, at=2).as_json(),
            operations=[Operation(kind="put", rows={"a1": 1}).as_json()],
        )  # fmt: skip
        ended = processes.wait(process)
        assert ended.killed == killed
        assert ended.code == (-signal.SIGKILL if killed else 0)
