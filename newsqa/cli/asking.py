"""`newsqa ask`, `choose` and `search`: what an archive answers, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

import newsqa
from newsqa.cli.exits import DONE, NO_EVIDENCE
from newsqa.cli.options import (
    AsOfOption,
    ChatModelOption,
    HistoryOption,
    IgnoreOption,
    IndexOption,
    JsonOption,
    LanguageOption,
    SettingsOption,
    SinceOption,
    SourceOption,
    UntilOption,
    chosen_settings,
)
from newsqa.cli.output import show, show_answer, show_choice, show_hits
from newsqa.cli.progress import busy
from newsqa.config import CHOICE_LIMIT, DEFAULT_INDEX, DEFAULT_LIMIT


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In plain words.")],
    history: HistoryOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_of: AsOfOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    ignore: IgnoreOption = None,
    limit: Annotated[
        int, typer.Option("--limit", "-k", metavar="N", min=1, help="Passages read for it.")
    ] = DEFAULT_LIMIT,
    chat_model: ChatModelOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Answer a question with citations.

    Every sentence is cited. Where the archive does not hold the answer, it says so, names
    the nearest articles and exits with 3.

    With --history, questions that were asked before, a follow-up ("and where did he go?")
    is put in a wording of its own.

    A DATE is YYYY-MM-DD, the whole day, or an ISO 8601 instant.
    """
    chosen = chosen_settings(settings)
    bounds: dict[str, Any] = {
        "as_of": as_of, "since": since, "until": until,
        "sources": source or (), "languages": language or (),
    }  # fmt: skip
    with (
        busy("Reading the archive"),
        newsqa.NewsQA.open(index, settings=chosen, chat_model=chat_model) as qa,
    ):
        before = _answered(qa, history or (), bounds)
        answer = qa.ask(question, history=before, ignore=ignore or (), limit=limit, **bounds)
    show(answer, as_json, lambda: show_answer(answer))
    return DONE if answer.status == "answered" else NO_EVIDENCE


def _answered(
    qa: newsqa.NewsQA, questions: Sequence[str], bounds: Mapping[str, Any]
) -> list[newsqa.Answer]:
    """Earlier questions, answered in turn: what a follow-up points to is mostly in an answer."""
    answers: list[newsqa.Answer] = []
    for question in questions:
        answers.append(qa.ask(question, history=answers, **bounds))
    return answers


def choose(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In plain words.")],
    choices: Annotated[
        list[str],
        typer.Argument(
            metavar="CHOICE", help="Answers to choose from; after -- where one starts with a dash."
        ),
    ],
    index: IndexOption = DEFAULT_INDEX,
    as_of: AsOfOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    ignore: IgnoreOption = None,
    limit: Annotated[
        int,
        typer.Option("--limit", "-k", metavar="N", min=1, help="Passages read for the question."),
    ] = CHOICE_LIMIT,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Choose one of several answers with citations.

    It is the one that the archive supports best. Where none is supported well enough, it
    says so and exits with 3; --json then has null as the choice.

    A DATE is YYYY-MM-DD, the whole day, or an ISO 8601 instant.
    """
    chosen = chosen_settings(settings)
    with busy("Reading the archive"), newsqa.NewsQA.open(index, settings=chosen) as qa:
        choice = qa.choose(
            question,
            choices,
            as_of=as_of,
            since=since,
            until=until,
            sources=source or (),
            languages=language or (),
            ignore=ignore or (),
            limit=limit,
        )
    found = {"question": question, "choices": choices, "choice": choice}
    show(found, as_json, lambda: show_choice(choice))
    return DONE if choice else NO_EVIDENCE


def search(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In plain words.")],
    index: IndexOption = DEFAULT_INDEX,
    as_of: AsOfOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    ignore: IgnoreOption = None,
    limit: Annotated[
        int, typer.Option("--limit", "-k", metavar="N", min=1, help="Passages shown.")
    ] = 10,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Find passages, best first.

    A DATE is YYYY-MM-DD, the whole day, or an ISO 8601 instant.
    """
    chosen = chosen_settings(settings)
    with busy("Reading the archive"), newsqa.NewsQA.open(index, settings=chosen) as qa:
        hits = qa.search(
            question,
            limit,
            as_of=as_of,
            since=since,
            until=until,
            sources=source or (),
            languages=language or (),
            ignore=ignore or (),
        )
    found = {"question": question, "hits": hits}
    show(found, as_json, lambda: show_hits(hits))
    return DONE
