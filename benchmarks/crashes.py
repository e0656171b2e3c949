"""Is anything lost, wrong or left over when a process is killed, its disk full, a file damaged?

    python benchmarks/crashes.py --kills 500 --damages 50 --seed 1
    python benchmarks/crashes.py readers --minutes 10

The first runs whole lives of small indexes (limits such that a few hundred passages go through
every kind of vector index, and merges): a process adds, updates, withdraws, restores, prunes,
compacts, repairs, brings up indexes of older formats, and is killed: before, after or in the midst
of any call that changes a file (its own, SQLite's, tantivy's, FAISS's), or at any time, or when its
disk is full.  After a kill, or two, another process opens the index, compares it with a model of
what was committed, searches for what should and should not be found, and looks for what is left
over; and on it goes from there.  Beside some of them a reader looks all the time.  Then files are
damaged, one or two at a time.

What each life came to is kept in --work, from where a run that was interrupted goes on.  Exit
status 1 where anything was found.

A process that is killed leaves what it wrote to the system: power that fails is another matter,
for which commits are synced, but which nothing here shows.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from crashing.damages import Damages
from crashing.faults import compiled
from crashing.kills import Life
from crashing.processes import Processes
from crashing.readers import read_beside

KILLS_OF_A_LIFE = 25


def main() -> int:
    """Kill and damage, or read beside a writer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["kills", "readers"], default="kills")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--damages", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help="a folder to work in and to go on from")
    options = parser.parse_args()
    work = options.work or Path(tempfile.mkdtemp(prefix="newsqa-crashes-"))
    work.mkdir(parents=True, exist_ok=True)
    library = compiled(work)
    if library is None:
        print("skipped: the calls of SQLite, tantivy and FAISS, and full disks (no C compiler)")
    with Processes(library=library) as processes:
        if options.what == "readers":
            findings = read(processes, work, minutes=options.minutes)
        else:
            findings = kill(processes, work, kills=options.kills, seed=options.seed)
            findings += damage(processes, work, damages=options.damages, seed=options.seed)
    for finding in findings:
        print(f"FOUND: {finding}")
    return 1 if findings else 0


def kill(processes: Processes, work: Path, *, kills: int, seed: int) -> list[str]:
    """Life after life, until so many kills."""
    kept = work / "lives.jsonl"
    done = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    lives = {life["seed"]: life for life in done}
    counts: Counter[str] = Counter()
    findings: list[str] = []
    number, started = 0, time.monotonic()
    while counts["killed"] < kills:
        name = f"{seed}.{number}"
        if name not in lives:
            most = min(KILLS_OF_A_LIFE, kills - counts["killed"])
            outcome = Life(work / f"life-{name}", name, processes).run(kills=most)
            lives[name] = {
                "seed": name,
                "counts": dict(outcome.counts),
                "findings": outcome.findings,
            }
            with kept.open("a") as file:
                file.write(json.dumps(lives[name]) + "\n")
        counts.update(lives[name]["counts"])
        findings += lives[name]["findings"]
        print(
            f"life {name}: {counts['killed']} of {kills} kills, {len(findings)} findings, "
            f"{time.monotonic() - started:.0f} s",
            flush=True,
        )
        number += 1
    print(f"\nseeds {seed}.0 to {seed}.{number - 1}\n")
    for what, count in sorted(counts.items()):
        print(f"| {what} | {count} |")
    return findings


def damage(processes: Processes, work: Path, *, damages: int, seed: int) -> list[str]:
    """One file after another."""
    name = f"{seed}.damages"
    outcome = Damages(work / name, name, processes).run(damages=damages)
    print(f"\nseed {name}\n")
    for what, count in sorted(outcome.counts.items()):
        print(f"| {what} | {count} |")
    return outcome.findings


def read(processes: Processes, work: Path, *, minutes: float) -> list[str]:
    """Four readers and a writer."""
    outcome = read_beside(processes, work / "readers", seconds=60 * minutes)
    for what, count in sorted(outcome.counts.items()):
        print(f"| {what} | {count} |")
    print(f"| looks of each reader | {', '.join(map(str, outcome.looks))} |")
    if outcome.looks and outcome.seconds:
        each = outcome.seconds
        print(f"| looks a second, all readers | {sum(outcome.looks) / (60 * minutes):.1f} |")
        print(f"| versions a minute | {outcome.counts['versions'] / minutes:.0f} |")
        print(
            f"| a look, p50 and p95 | {1000 * each[len(each) // 2]:.0f} and "
            f"{1000 * each[int(0.95 * len(each))]:.0f} ms |"
        )
    return outcome.findings


if __name__ == "__main__":
    sys.exit(main())
