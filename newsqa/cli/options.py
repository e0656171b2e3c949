"""Options that several commands have."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from newsqa.config import Settings, read_settings

IndexOption = Annotated[
    Path, typer.Option("--index", metavar="DIR", envvar="NEWSQA_INDEX", help="The index directory.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document, and nothing else, on stdout.")
]
SettingsOption = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE.toml", help="Settings over the defaults.")
]
AllowPrivateOption = Annotated[
    bool,
    typer.Option(
        "--allow-private",
        help="Fetch also from this machine, its network and other addresses that aren't public.",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Use nothing that was published after this day or instant."),
]
SinceOption = Annotated[
    str | None, typer.Option(metavar="DATE", help="Only articles of this day and later.")
]
UntilOption = Annotated[
    str | None, typer.Option(metavar="DATE", help="Only articles of this day and earlier.")
]
SourceOption = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="OUTLET", help="Only articles of this outlet; repeatable."),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--language", metavar="CODE", help="Only articles in this language (en, de); repeatable."
    ),
]
ChatModelOption = Annotated[
    str | None,
    typer.Option(
        metavar="PROVIDER:MODEL",
        envvar="NEWSQA_CHAT_MODEL",
        help="Let a chat model write the answer from the quotes; every sentence is checked.",
    ),
]
HistoryOption = Annotated[
    list[str] | None,
    typer.Option(
        "--history",
        metavar="QUESTION",
        help="An earlier question that this one may lean on, the oldest first; repeatable.",
    ),
]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        metavar="INFERENCE",
        help="Infer no wording, period, newest or outlets from the question; repeatable.",
    ),
]


def chosen_settings(path: Path | None, *, allow_private: bool = False) -> Settings | None:
    """The settings of a file; where nothing was chosen None, which leaves the choice to the index.

    `allow_private` is the option over the file's own word.
    """
    settings = None if path is None else read_settings(path)
    if not allow_private:
        return settings
    settings = settings or Settings()
    loading = dataclasses.replace(settings.loading, private_addresses=True)
    return dataclasses.replace(settings, loading=loading)
