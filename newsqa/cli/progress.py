"""Progress, on stderr only: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from newsqa.cli.terminal import make_console, one_line, write
from newsqa.types import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

LINE_SECONDS = 5.0
"""Between two lines of progress where there is no terminal."""

_STEPS = {
    "read": ("Reading", "articles"),
    "embed": ("Embedding", "passages"),
    "merge": ("Merging", "vectors"),
    "ask": ("Asking", "questions"),
}


@contextlib.contextmanager
def busy(doing: str) -> Iterator[None]:
    """Show that something is being done, where somebody can see it."""
    console = make_console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"{doing} …"):
        yield


@contextlib.contextmanager
def watching(first: str) -> Iterator[Callable[[Progress], None]]:
    """What shows progress: a bar in a terminal, a line now and then elsewhere."""
    console = make_console(stderr=True)
    if not console.is_terminal:
        yield Lines(console)
        return
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    with Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as bars:
        yield _Bar(bars, f"{first} …")


class _Bar:
    """One bar at a time, of the step that is under way."""

    def __init__(self, bars: Bars, first: str):
        self._bars = bars
        self._step = ""
        self._task: TaskID = bars.add_task(first, total=None, count="")

    def __call__(self, progress: Progress) -> None:
        name, things = _STEPS.get(progress.step, (progress.step, ""))
        if progress.step != self._step:
            self._bars.remove_task(self._task)
            self._task = self._bars.add_task(name, total=progress.total, count="")
            self._step = progress.step
        speed = next((t.speed for t in self._bars.tasks if t.id == self._task), None)
        count = f"{progress.done:,}"
        if progress.total is not None:
            count += f" of {progress.total:,}"
        count += f" {things}"
        if speed and progress.total is not None:
            count += f", {speed:,.0f} a second"
        self._bars.update(self._task, completed=progress.done, total=progress.total, count=count)


class Lines:
    """A line as a step ends, and every few seconds within one."""

    def __init__(
        self,
        console: Console,
        *,
        ends: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ):
        """Without `ends`, only steps that take long are told of."""
        self._console = console
        self._ends = ends
        self._clock = clock
        self._step = ""
        self._started = self._said_at = clock()
        self._last: Progress | None = None
        self._said: Progress | None = None

    def __call__(self, progress: Progress) -> None:
        now = self._clock()
        if progress.step != self._step:
            if self._ends and self._last is not None and self._last != self._said:
                self._say(self._last, now)
            self._step, self._started, self._said_at = progress.step, now, now
        elif not self._ends and self._last is not None and progress.done <= self._last.done:
            self._started = self._said_at = now  # the same step of another change
        self._last = progress
        ended = self._ends and progress.done == progress.total
        if ended or _is_a_wait(progress) or now - self._said_at >= LINE_SECONDS:
            self._say(progress, now)

    def _say(self, progress: Progress, now: float) -> None:
        name, things = _STEPS.get(progress.step, (progress.step, ""))
        said = f"{name}: {progress.done:,}"
        if _is_a_wait(progress):
            said = f"{name} {things} …"
        elif progress.total is not None:
            said += f" of {progress.total:,} {things}"
            rate = progress.done / max(now - self._started, 1e-9)
            if 0 < progress.done < progress.total:
                left = (progress.total - progress.done) / rate
                said += f", {rate:,.0f} a second, {_duration(left)} left"
        else:
            said += f" {things}"
        write(Text(one_line(said)), to=self._console)
        self._said, self._said_at = progress, now


def _is_a_wait(progress: Progress) -> bool:
    """Whether nobody knows how far it is."""
    return progress.total is None and progress.done == 0


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s" if minutes else f"{rest} s"
