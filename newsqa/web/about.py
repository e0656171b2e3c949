"""What stands under an answer: how sure it is and why, what was searched, how to take it along."""

from __future__ import annotations

from newsqa.synthesis import is_account
from newsqa.types import Answer, Coverage
from newsqa.web.citing import FORMS, cited
from newsqa.web.markup import count, day, escape, listed, span_of_days

SUPPORT = ((0.6, "Well supported"), (0.3, "Supported"), (0.0, "Weakly supported"))
"""Confidence from which an answer is called so."""
UNRATED = "Support not rated"
VERDICTS = {"right": "Right", "wrong": "Wrong", "citation wrong": "Citation wrong"}


def about(answer: Answer) -> str:
    """The footer of an answer."""
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in reasons_for(answer))
    seconds = sum(answer.timings.values())
    facts = listed([searched(answer.searched), f"{seconds:.1f} s" if seconds else ""])
    note = f'<p class="note">{escape(answer.note)}</p>' if answer.note else ""
    if answer.unverified:
        are = "1 sentence is" if len(answer.unverified) == 1 else f"{len(answer.unverified)} are"
        note += (
            f'<p class="unsupported">{are} marked “not verified”: no quote of the archive '
            f"supports {'it' if len(answer.unverified) == 1 else 'them'}.</p>"
        )
    return (
        '<footer class="about"><details class="why"><summary class="support">'
        f"{support(answer)}</summary><ul>{reasons}</ul></details>"
        f"<p>{facts}</p>{note}{copying(answer)}</footer>"
    )


def support(answer: Answer) -> str:
    """Confidence in words; an account has none, since what it has is not calibrated."""
    if is_account(answer.question, answer.query):
        return UNRATED
    return next(words for least, words in SUPPORT if answer.confidence >= least)


def reasons_for(answer: Answer) -> list[str]:
    """Why an answer is called as well supported as it is, in sentences."""
    in_ten = round(answer.confidence * 10)
    share = {0: "fewer than one in ten", 10: "nearly all"}.get(in_ten, f"about {in_ten} in 10")
    told = f"Confidence {answer.confidence:.2f} of 1: "
    if is_account(answer.question, answer.query):
        told += "how near its sentences are to the question; for reasons and events nothing tells "
        told += "how many such answers are right."
    else:
        told += f"on questions that it was calibrated with, {share} of such answers were right."
    said = [told]
    holding = [c.number for c in answer.citations if answer.short and answer.short in c.quote]
    if holding:
        said.append(f"“{answer.short}” stands word for word in {_sources(holding)}.")
    elif not answer.verdict:
        said.append("It gives sentences that speak to the question, no exact answer.")
    articles = {c.article_id for c in answer.citations}
    outlets = {c.source for c in answer.citations if c.source}
    told = f"It rests on {count(len(answer.citations), 'quote')} from "
    told += count(len(articles), "article")
    said.append(told + (f" of {count(len(outlets), 'outlet')}." if outlets else "."))
    copies = {r.article_id for c in answer.citations for r in c.elsewhere}
    if copies:
        printed = "prints" if len(copies) == 1 else "print"
        said.append(
            f"{count(len(copies), 'other article')} {printed} the same words; "
            "copies are not taken as further support."
        )
    newest = max((c.published for c in answer.citations if c.published), default=None)
    last = answer.searched.latest
    if newest and last and last.date() > newest.date():
        said.append(
            f"Its newest source is of {day(newest)}; the articles searched go on to {day(last)}."
        )
    return said


def searched(coverage: Coverage) -> str:
    """What a search could look at, in a line."""
    said = f"Searched {count(coverage.articles, 'article')}"
    days = span_of_days(coverage.earliest, coverage.latest)
    if days:
        said += f", {days}"
    if coverage.undated_excluded:
        said += f"; {count(coverage.undated_excluded, 'undated one')} left out"
    return said


def copying(answer: Answer) -> str:
    """A menu of the forms in which the answer can be copied.

    What is copied is already in the page: a browser lets go of the clipboard where it has to
    wait for it.
    """
    items = "".join(
        f'<button type="button" class="copy" data-form="{form}" '
        f'data-text="{escape(cited(answer, form))}">{name}</button>'
        for form, name in FORMS.items()
    )
    return (
        '<details class="menu copying"><summary>Copy with citations</summary>'
        f'<div class="menu-items">{items}</div></details>'
    )


def asking_for_feedback(turn: int, *, cited: bool) -> str:
    """The buttons under an answer; one for its citations only where it has some."""
    buttons = "".join(
        f'<button type="button" class="judge" data-turn="{turn}" data-verdict="{verdict}" '
        f'aria-pressed="false">{name}</button>'
        for verdict, name in VERDICTS.items()
        if cited or verdict != "citation wrong"
    )
    return (
        f'<p class="feedback"><span id="judge-{turn}">This answer is</span> '
        f'<span role="group" aria-labelledby="judge-{turn}">{buttons}</span> '
        '<span class="noted" role="status"></span></p>'
    )


def _sources(numbers: list[int]) -> str:
    shown = [f"[{number}]" for number in numbers]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
