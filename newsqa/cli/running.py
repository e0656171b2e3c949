"""The application: its commands, and how each of them ends."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

import newsqa
from newsqa.cli import asking, changing, examining, exits, keeping, serving, watching
from newsqa.cli.machine import to_json, to_json_line
from newsqa.cli.terminal import complain
from newsqa.errors import NewsQAError

app = typer.Typer(
    help="Questions to an archive of news articles, answered with citations that are checked.",
    epilog=exits.EXPLAINED,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help: it reads the same in a terminal, a pipe and the documentation.
    rich_markup_mode=None,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line, by default this process's own; ends it with one of the exit codes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(None if arguments is None else list(arguments), prog_name="newsqa")
    finally:
        # What is still buffered is written as the interpreter ends, where nobody can catch it.
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            _let_go_of_stdout()


def _version(wanted: bool) -> None:
    if wanted:
        print(f"newsqa {newsqa.__version__}")
        raise typer.Exit


@app.callback()
def _about(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Print it and exit."),
    ] = False,
) -> None:
    pass


def _guarded(run: Callable[..., int]) -> Callable[..., None]:
    """Make a function that returns an exit code one that ends with it, whatever happens."""

    @functools.wraps(run)
    def guarded(**options: Any) -> None:
        to_text = to_json_line if run is watching.watch else to_json
        as_json = to_text if options.get("as_json") else None
        try:
            code = run(**options)
            sys.stdout.flush()
        except BrokenPipeError:
            _let_go_of_stdout()
            code = exits.CLOSED
        except (NewsQAError, OSError) as error:
            code = _failed(type(error).__name__, str(error), exits.FAILED, as_json=as_json)
        except KeyboardInterrupt:
            said = "interrupted"
            if run is changing.build:
                said += ": what was committed is kept, and the same command does only the rest"
            code = _failed("Interrupted", said, exits.INTERRUPTED, as_json=as_json)
        raise typer.Exit(code)

    return guarded


def _failed(kind: str, message: str, code: int, *, as_json: Callable[[object], str] | None) -> int:
    with contextlib.suppress(BrokenPipeError):
        complain(message)
        if as_json is not None:
            print(as_json({"error": {"type": kind, "message": message}}), flush=True)
    return code


def _let_go_of_stdout() -> None:
    """Write the rest to nowhere: whoever read the output has gone."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# --help names them in this order.
for _run in (
    changing.build,
    watching.watch,
    asking.ask,
    asking.choose,
    serving.chat,
    serving.account,
    asking.search,
    changing.remove,
    examining.info,
    examining.check,
    keeping.compact,
    keeping.export,
    examining.eval,
):
    app.command()(_guarded(_run))
