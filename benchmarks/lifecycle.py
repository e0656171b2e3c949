"""What a change costs beside building: a year of news, its last hundredth added, nothing changed.

    python benchmarks/lifecycle.py --year 2023 --work /tmp/lifecycle

Builds an index of all articles of the year but every hundredth (it goes on where it was stopped;
costs add up in costs.json), builds it again with nothing changed, then with the hundredth part that
was left out, corrects one article, removes one, and compacts.  Costs are seconds of CPU time of the
process, which tell more on a shared machine than the clock, and those of the clock beside them.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from realtimeqa import DATA, read_year

import newsqa

EVERY = 100
"""One in so many articles is left out at first: the middle one of each so many."""


class Costs:
    """Seconds of CPU and of the clock by what was done, kept in a file as they add up."""

    def __init__(self, path: Path):
        self._path = path
        self.by_name: dict[str, list[float]] = json.loads(path.read_text()) if path.exists() else {}

    def run(self, name: str, change: Callable[[Callable[..., None]], Any]) -> Any:
        """Do something that is given what to call now and then; adds to what it cost before."""
        before = self.by_name.get(name, [0.0, 0.0])
        cpu, clock = _cpu(), time.perf_counter()

        def note(*_: object) -> None:
            self.by_name[name] = [
                before[0] + _cpu() - cpu,
                before[1] + time.perf_counter() - clock,
            ]
            self._path.write_text(json.dumps(self.by_name))

        result = change(note)
        note()
        return result


def main() -> None:
    """Build, change, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--year", type=int, default=2023)
    parser.add_argument("--weeks", type=int, default=None, help="only the first N weeks")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    folder = options.data / str(options.year)
    if not folder.is_dir():
        print(f"skipped: {folder} is not there; the data is described in the data page")
        return
    rows, _ = read_year(folder, options.weeks)
    first = [row for at, row in enumerate(rows) if at % EVERY != EVERY // 2]
    rest = [row for at, row in enumerate(rows) if at % EVERY == EVERY // 2]
    index, finished = options.work / "index", options.work / "built"
    options.work.mkdir(parents=True, exist_ok=True)
    costs = Costs(options.work / "costs.json")
    if not finished.exists():
        costs.run("build", lambda note: newsqa.build(first, index=index, progress=note))
        finished.touch()
    again = costs.run("nothing changed", lambda _: newsqa.build(first, index=index))
    assert not again.added, "was this run before? it needs a folder of its own"
    added = costs.run("1 % added", lambda _: newsqa.build(rest, index=index))
    corrected = {**rest[0], "text": f"{rest[0]['text']}\n\nThis article was corrected."}
    costs.run("one corrected", lambda _: newsqa.build([corrected], index=index))
    costs.run("one removed", lambda _: newsqa.remove(added.added[1], index=index))
    with newsqa.NewsQA.open(index) as qa:
        costs.run("compacted", lambda _: qa.compact())
        held = qa.info()
    print(
        f"{held.articles:,} articles, {held.passages:,} passages; {len(added.added)} added with "
        f"{added.passages} passages"
    )
    cpu, clock = costs.by_name["build"]
    for name, (seconds, waited) in costs.by_name.items():
        print(
            f"{name:16} {seconds:8.1f} s of CPU ({seconds / cpu:7.2%}), {waited:8.1f} s on the "
            f"clock ({waited / clock:7.2%})"
        )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
