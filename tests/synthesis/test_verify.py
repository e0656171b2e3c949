"""An answer that breaks a guarantee doesn't leave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsqa.errors import VerificationError
from newsqa.synthesis.compose import Composition, Statement, cite
from newsqa.synthesis.verify import supported, verify, without_unverified
from newsqa.types import Span

from .made_up import make_hit

HIT = make_hit("Ada Quill led 12 boats. Nobody was hurt.")
CITATION = cite(HIT.article, Span(start=0, end=23), 1)
ARTICLES = {HIT.article.id: HIT.article}


def composition(
    text: str = "Ada Quill led 12 boats.", numbers: tuple[int, ...] = (1,)
) -> Composition:
    return Composition(statements=(Statement(text=text, numbers=numbers),), citations=(CITATION,))


def test_what_holds_passes() -> None:
    verify(composition(), ARTICLES, exact=("12", "Ada Quill"))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Ada Quill led 13 boats.", (1,)),
        ("Ada Finch led 12 boats.", (1,)),
        ("Nobody was hurt.", (1,)),
        ("Ada Quill led 12 boats.", ()),
        ("Ada Quill led 12 boats.", (2,)),
        ("", (1,)),
    ],
)
def test_what_its_citations_do_not_say_is_refused(text: str, numbers: tuple[int, ...]) -> None:
    with pytest.raises((VerificationError, KeyError)):
        verify(composition(text, numbers), ARTICLES, exact=())


def test_a_quote_that_is_not_in_its_place_is_refused() -> None:
    moved = replace(CITATION, start=1, end=24)
    with pytest.raises(VerificationError, match=r"citation \[1\]"):
        verify(replace(composition(), citations=(moved,)), ARTICLES, exact=())


@pytest.mark.parametrize("exact", [("Paris",), ("12", "Paris"), ("Nobody",)])
def test_an_exact_answer_from_nowhere_is_refused(exact: tuple[str, ...]) -> None:
    with pytest.raises(VerificationError, match=f"'{exact[-1]}' stands in no cited quote"):
        verify(composition(), ARTICLES, exact=exact)


def test_a_citation_of_an_article_that_was_not_searched_is_refused() -> None:
    with pytest.raises(VerificationError, match=r"citation \[1\]"):
        verify(composition(), {}, exact=())


def test_citations_that_no_sentence_uses_are_refused() -> None:
    unused = cite(HIT.article, Span(start=24, end=40), 2)
    with pytest.raises(VerificationError, match="don't match"):
        verify(replace(composition(), citations=(CITATION, unused)), ARTICLES, exact=())


def test_every_further_quote_must_say_the_same() -> None:
    said = "The mayor Ada Quill led 12 boats."
    assert supported(said, [said, "Led by Ada Quill, the mayor, 12 boats left."])
    assert not supported(said, [said, "Ada Quill, the mayor, led 13 boats."])
    assert not supported(said, [said, "The mayor Bert Finch led 12 boats."])


def test_what_does_not_hold_is_left_out_and_the_rest_numbered_anew() -> None:
    other = cite(HIT.article, Span(start=24, end=40), 2)
    both = Composition(
        statements=(
            Statement(text="Ada Quill led 13 boats.", numbers=(1,)),
            Statement(text="Nobody was hurt.", numbers=(2,)),
        ),
        citations=(CITATION, other),
    )
    left = without_unverified(both)
    assert left.text == "Nobody was hurt. [1]"
    assert [citation.quote for citation in left.citations] == ["Nobody was hurt."]
    verify(left, ARTICLES, exact=())


def test_support_needs_the_words_in_their_order() -> None:
    assert supported("12 boats", ["Ada Quill led 12 boats."])
    assert not supported("boats 12", ["Ada Quill led 12 boats."])
    assert not supported("Ada Quill led boats", ["Ada Quill led 12 boats."])
