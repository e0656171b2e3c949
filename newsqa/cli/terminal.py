"""The terminal: text that is safe to show, folded to its width."""

from __future__ import annotations

import re
import sys

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SURROGATES = re.compile(r"[\ud800-\udfff]")


def safe(text: str) -> str:
    """Text without what controls a terminal or turns the order of what is read."""
    return SURROGATES.sub("�", CONTROLS.sub("", text))


def one_line(text: str) -> str:
    """Safe text with every run of white space as one blank."""
    return safe(" ".join(text.split()))


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise  # the command's own business: rich would end the process with 1


def make_console(*, stderr: bool = False) -> Console:
    """What writes to stdout, or stderr, as it is now, and reads no markup into texts."""
    return _Console(
        file=sys.stderr if stderr else sys.stdout, highlight=False, markup=False, emoji=False
    )


def write(text: Text, *, indent: int = 0, to: Console | None = None) -> None:
    """A paragraph, folded to a terminal's width; elsewhere one line."""
    console = to or make_console()
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        console.print(Text(" " * indent).append_text(text), soft_wrap=True)


def complain(message: str) -> None:
    """Say on stderr what went wrong."""
    write(Text.assemble(("newsqa: ", "bold red"), safe(message)), to=make_console(stderr=True))
