"""`newsqa watch`: an archive kept up with what it is made from."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from newsqa.cli.exits import DONE
from newsqa.cli.machine import to_json_line
from newsqa.cli.options import AllowPrivateOption, IndexOption, SettingsOption, chosen_settings
from newsqa.cli.progress import Lines
from newsqa.cli.terminal import make_console, one_line
from newsqa.config import DEFAULT_INDEX

if TYPE_CHECKING:
    from newsqa.watching import Event

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_COLOURS = {
    "added": "green", "updated": "cyan", "removed": "cyan", "skipped": "yellow", "gone": "yellow",
    "waiting": "yellow", "failed": "red",
}  # fmt: skip


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([smhd])", text.strip().lower())
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not seconds:
        raise typer.BadParameter(f"{text!r} is no span of time: expected one like 30s, 15m or 2h")
    return seconds


def watch(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="PATH", help="Folders, files, and http(s) addresses of feeds."),
    ],
    index: IndexOption = DEFAULT_INDEX,
    every: Annotated[
        str,
        typer.Option(metavar="TIME", help="Between two looks at one address: 30s, 15m, 2h."),
    ] = "15m",
    settle: Annotated[
        str, typer.Option(metavar="TIME", help="For how long a file must rest before it is read.")
    ] = "2s",
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Remove articles whose file is gone from its folder."),
    ] = False,
    settings: SettingsOption = None,
    allow_private: AllowPrivateOption = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document a line for each event.")
    ] = False,
) -> int:
    """Follow folders, files and feeds, and keep an index up with them until Ctrl-C.

    The index is made where there is none, and brought up to date once at the start. Then
    what is added or changes is taken in as it comes, one line for each article, while other
    processes go on answering. What goes wrong with one source is told, stops no other and
    is tried again. An entry that leaves its feed stays in the index, and so does a file that
    vanishes, unless --prune is given; of a folder that is empty or gone nothing is removed.
    """
    every_seconds, settle_seconds = _seconds(every), _seconds(settle)
    chosen = chosen_settings(settings, allow_private=allow_private)
    from newsqa.watching import Watch

    following = Watch(
        sources,
        index=index,
        tell=_print_as_json if as_json else _print,
        settings=chosen,
        every=every_seconds,
        settle=settle_seconds,
        prune=prune,
        progress=Lines(make_console(stderr=True), ends=False),
    )
    with _stopping(following.stop):
        following.run()
    return DONE


@contextlib.contextmanager
def _stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Ask to stop at the first Ctrl-C or SIGTERM; a second one ends the process as ever."""
    before: dict[int, Any] = {}

    def asked(number: int, _: object) -> None:
        signal.signal(number, before[number])
        stop()

    for wanted in (signal.SIGINT, signal.SIGTERM):
        before[wanted] = signal.signal(wanted, asked)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_as_json(event: Event) -> None:
    print(to_json_line(event), flush=True)


def _print(event: Event) -> None:
    """One line, however wide the terminal."""
    said = []
    if event.title:
        said.append(event.title)
    elif event.article_id:
        said.append(event.article_id)
    if event.origin:
        said.append(f"({event.origin})" if said else event.origin)
    if event.counts:
        said.append(", ".join(f"{count:,} {name}" for name, count in event.counts.items()))
    text = " ".join(said)
    if event.reason:
        text += f": {event.reason}" if text else event.reason
    line = Text.assemble(
        (f"{event.at.astimezone():%H:%M:%S} ", "dim"),
        (f"{event.kind:<8}", _COLOURS.get(event.kind, "bold")),
        f" {one_line(text)}",
    )
    console = make_console()
    console.print(line, soft_wrap=True)
    console.file.flush()
