"""`newsqa info`, `check` and `eval`: what an archive holds, and how good it is."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

import newsqa
from newsqa.cli.exits import DONE, PROBLEMS
from newsqa.cli.machine import plain
from newsqa.cli.options import IndexOption, JsonOption, SettingsOption, chosen_settings
from newsqa.cli.output import show, show_check, show_evaluation, show_info
from newsqa.cli.progress import busy, watching
from newsqa.config import DEFAULT_INDEX, DEFAULT_LIMIT


def info(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> int:
    """Say what an index holds and how."""
    from newsqa.indexing import Index

    with contextlib.closing(Index.open(index)) as opened:
        held = opened.info()
    show(held, as_json, lambda: show_info(held))
    return DONE


def check(
    index: IndexOption = DEFAULT_INDEX,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="First make anew whatever the articles give."),
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Look for damage in an index.

    It is compared with itself, whole, and every problem is named. Exits with 4 where there
    is one. What --repair can't make anew is an article that is not what was added: add it
    again from where it came from.
    """
    from newsqa.indexing import Index

    doing = "Repairing" if repair else "Checking"
    with busy(doing), contextlib.closing(Index.open(index)) as opened:
        report = opened.repair() if repair else opened.check()
    show(report, as_json, lambda: show_check(report))
    return PROBLEMS if report.problems else DONE


def eval(
    file: Annotated[
        Path,
        typer.Argument(metavar="QUESTIONS.jsonl", help="Plain, .gz or .xz."),
    ],
    index: IndexOption = DEFAULT_INDEX,
    k: Annotated[int, typer.Option("-k", metavar="N", min=1, help="Passages searched for.")] = 20,
    limit: Annotated[
        int,
        typer.Option("--limit", metavar="N", min=1, help="Passages that an answer is read from."),
    ] = DEFAULT_LIMIT,
    first: Annotated[
        int | None, typer.Option("--first", metavar="N", min=1, help="Only the first N questions.")
    ] = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Score answers against known ones.

    A line of the file is a JSON object with "question" and "answers", the strings that count
    as right, [] where the archive does not hold the answer; "as_of", "since", "until" and
    "sources" bound the search.

    Every citation is checked against its article; exits with 4 where one is not valid.
    """
    from newsqa.evaluation import evaluate, intervals, read_questions

    chosen = chosen_settings(settings)
    questions = read_questions(file)[:first]
    with (
        watching("Loading the model") as progress,
        newsqa.NewsQA.open(index, settings=chosen) as qa,
    ):
        result = evaluate(qa, questions, k=k, limit=limit, progress=progress)
    likely = intervals(result)
    document = {**plain(result), "intervals": likely}
    show(document, as_json, lambda: show_evaluation(result, likely))
    return PROBLEMS if any(row.faults for row in result.rows) else DONE
