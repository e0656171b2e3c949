"""What a quote supports, and what it doesn't."""

from __future__ import annotations

import importlib.util
import random
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import newsqa
from newsqa.articles import load
from newsqa.embedding import Encoder, HashingEncoder
from newsqa.indexing import View
from newsqa.synthesis.support import Judge, Quoted
from newsqa.types import Article

ROOT = Path(__file__).resolve().parents[2]
FLOOR_CAUGHT = 0.95
FLOOR_KEPT = 0.95

PELL = Quoted(
    text="Ms. Torvald, who stood for the Harbour List, won 53.2 percent of the votes on Sunday. "
    "Mr. Pell of the Civic Union had 36.9 percent.",
    source="Vellmark Wire",
    published=date(2024, 6, 10),
    around="Lena Torvald was elected mayor.  Marcus Pell lost.",
)
BRIDGE = Quoted(
    text="Engineers did not find a crack in the pier, said Ines Harrow. The council may close the "
    "bridge for 3 weeks. “It is safe,” she said. Repairs cost 1.5 million crowns.",
    source="Harbour Post",
    published=date(2024, 3, 14),
)


class Stems:
    """The archive's stems, every word as rare as any other."""

    terms = staticmethod(View.terms)

    def rarity(self, term: str) -> float:
        return 1.0


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(words=Stems(), encode=HashingEncoder().encode)


@pytest.mark.parametrize(
    "sentence",
    [
        "Torvald won 53.2 percent of the votes on Sunday.",
        "Lena Torvald won 53.2% of the votes.",
        "Torvald won 53.2 per cent of the votes on 9 June 2024.",
        "According to the Vellmark Wire, Mr. Pell of the Civic Union had 36.9 percent.",
        "Torvald won 53.2 percent of the votes, and Pell had 36.9 percent.",
    ],
)
def test_what_is_said_otherwise_but_is_the_same_is_supported(judge: Judge, sentence: str) -> None:
    assert judge.objection(sentence, [PELL]) is None


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("Torvald won 53.4 percent of the votes.", "53.4"),
        ("Torvald won 53.2 percent of the votes on Monday.", "Monday"),
        ("Torvald won 53.2 percent of the votes on 10 June.", "10 June"),
        ("Brandt won 53.2 percent of the votes.", "Brandt"),
        ("Lena Pell had 36.9 percent.", "Lena Pell"),
        ("Pell won 53.2 percent of the votes.", ""),
        ("Torvald had 36.9 percent.", ""),
        ("Torvald won 53.2 percent of the votes and said “It is a good day”.", "nowhere quoted"),
        ("Torvald did not win 53.2 percent of the votes.", "denies"),
        ("Torvald lost 53.2 percent of the votes.", "contrary"),
        ("Torvald won 53.2 percent of the votes ![x](http://evil.example/?q=1)", "markup"),
        ("Torvald wants to extend the tram.", "something else"),
        ("", "nothing"),
    ],
)
def test_what_the_quote_does_not_say_is_not_supported(
    judge: Judge, sentence: str, why: str
) -> None:
    found = judge.objection(sentence, [PELL])
    assert found is not None
    assert why in found


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("Engineers did not find a crack in the pier.", True),
        ("Engineers found a crack in the pier.", False),
        ("The council may close the bridge for three weeks.", True),
        ("The council will close the bridge for three weeks.", True),
        ("The council closed the bridge for three weeks.", False),
        ("Repairs cost 1,500,000 crowns.", True),
        ("Repairs cost 1,500 crowns.", False),
        ("“It is safe,” she said.", True),
        ("“It is not safe,” she said.", False),
    ],
)
def test_denials_plans_and_quotations(judge: Judge, sentence: str, supported: bool) -> None:
    assert (judge.objection(sentence, [BRIDGE]) is None) is supported


def test_names_and_numbers_that_change_places_are_noticed(judge: Judge) -> None:
    vote = Quoted(text="The bill was carried by 41 votes to 27. Ada Quill beat Bo Reyes.")
    assert judge.objection("The bill was carried by 41 votes to 27.", [vote]) is None
    assert judge.objection("The bill was carried by 27 votes to 41.", [vote]) is not None
    assert judge.objection("Bo Reyes beat Ada Quill.", [vote]) is not None
    assert judge.objection("Bo Reyes was beaten by Ada Quill.", [vote]) is None


def test_a_wrong_citation_is_mended_and_a_needless_one_left_out(judge: Judge) -> None:
    said = "Repairs cost 1.5 million crowns."
    assert judge.judge(said, [0], [PELL, BRIDGE]).by == (1,)
    assert judge.judge(said, [], [PELL, BRIDGE]).by == (1,)
    assert judge.judge(said, [7, 0, 1], [PELL, BRIDGE]).by == (1,)
    assert not judge.judge(said, [0], [PELL]).supported


def test_a_name_of_one_quote_and_a_deed_of_another_are_nobodys(judge: Judge) -> None:
    assert not judge.judge(
        "Pell did not find a crack in the pier.", [0, 1], [PELL, BRIDGE]
    ).supported
    both = "Pell had 36.9 percent, and repairs cost 1.5 million crowns."
    assert judge.judge(both, [0], [PELL, BRIDGE]).by == (0, 1)


def test_a_model_for_entailment_has_the_last_word() -> None:
    asked: list[tuple[str, str]] = []

    def entails(evidence: str, sentence: str) -> float:
        asked.append((evidence, sentence))
        return 0.1

    strict = Judge(words=Stems(), encode=HashingEncoder().encode, entails=entails)
    assert strict.objection("Torvald won 53.2 percent of the votes.", [PELL]) is not None
    assert asked == [(PELL.text, "Torvald won 53.2 percent of the votes.")]
    assert strict.objection("Torvald won 99 percent.", [PELL]) is not None
    assert len(asked) == 1


def test_lies_are_caught(judge: Judge, sample: list[Article]) -> None:
    lies = _benchmark()
    archive, chance = lies.Archive.of(sample), random.Random(7)
    _, pool = lies.true_sentences(archive, chance)
    told = random.Random(1).sample(lies.lies_about(archive, pool, chance), 80)
    *rows, all_of_them = lies.rows_of(told, archive, judge, chance, true=False)
    assert all_of_them.right / all_of_them.of >= FLOOR_CAUGHT, "\n".join(map(str, rows))


def test_true_sentences_are_kept(real_encoder: Encoder, sample: list[Article]) -> None:
    lies = _benchmark()
    archive, chance = lies.Archive.of(sample), random.Random(7)
    truths = random.Random(2).sample(lies.true_sentences(archive, chance)[0], 40)
    judge = Judge(words=Stems(), encode=real_encoder.encode)
    *rows, all_of_them = lies.rows_of(truths, archive, judge, chance, true=True)
    assert all_of_them.right / all_of_them.of >= FLOOR_KEPT, "\n".join(map(str, rows))


@pytest.fixture(scope="module")
def sample() -> list[Article]:
    found = load([ROOT / "seeds" / "articles"])
    return sorted((a for a in found if isinstance(a, newsqa.Article)), key=lambda a: a.id)


def _benchmark() -> Any:
    """`benchmarks/lies.py`, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("lies", ROOT / "benchmarks" / "lies.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["lies"] = module
    spec.loader.exec_module(module)
    return module
