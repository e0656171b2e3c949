"""`newsqa build` and `newsqa remove`: what changes an archive."""

from __future__ import annotations

from typing import Annotated

import typer

import newsqa
from newsqa.cli.exits import DONE, FAILED, SKIPPED
from newsqa.cli.options import (
    AllowPrivateOption,
    IndexOption,
    JsonOption,
    SettingsOption,
    chosen_settings,
)
from newsqa.cli.output import show, show_changes
from newsqa.cli.progress import busy, watching
from newsqa.cli.terminal import complain
from newsqa.config import DEFAULT_INDEX


def build(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files, folders and http(s) addresses.")
    ],
    index: IndexOption = DEFAULT_INDEX,
    settings: SettingsOption = None,
    allow_private: AllowPrivateOption = False,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune", help="Remove articles whose file under PATH is not there any more."
        ),
    ] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Bring back articles that were withdrawn.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 5 where something was skipped.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Make an index, or bring it up to date.

    What can't be read is skipped by name and stops nothing. Work is committed as it goes:
    after an interruption the same command does only the rest.

    With --prune, nothing counts as gone where something could not be read.
    """
    chosen = chosen_settings(settings, allow_private=allow_private)
    with watching("Loading the model") as progress:
        report = newsqa.build(
            paths, index=index, settings=chosen, prune=prune, restore=restore, progress=progress
        )
    show(report, as_json, lambda: show_changes(report, index))
    if any(not skip.withdrawn for skip in report.skipped) and not (
        report.added or report.updated or report.unchanged or report.removed
    ):
        complain("nothing was read: everything was skipped")
        return FAILED
    return SKIPPED if strict and report.skipped else DONE


def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Ids of articles.")],
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> int:
    """Withdraw articles.

    Once this returns, nothing of them can be found, and no later build brings them back unless
    it is told to restore them. An id that isn't there is named in the report and is no failure.

    Traces may stay in the files until `newsqa compact`.
    """
    with busy("Opening the index"):
        report = newsqa.remove(ids, index=index)
    show(report, as_json, lambda: show_changes(report, index))
    return DONE
