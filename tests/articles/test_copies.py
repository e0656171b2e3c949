"""Which texts are copies of one: the same keys for the same words, and what they share."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.articles.copies import (
    BANDS,
    FEWEST_SHINGLES,
    SHINGLE_WORDS,
    alike,
    shares,
    shingles,
    signature,
)

STORY = " ".join(f"w{n}" for n in range(400))


def test_keys_are_the_same_on_every_machine_and_in_every_version() -> None:
    """They are stored: another key here means that stored articles have to be signed anew."""
    keys = signature(shingles(STORY))
    assert len(keys) == BANDS
    assert all(0 <= key < 2**63 for key in keys)
    assert keys[:2] == (3110592760308249925, 4994250427149548917)


@given(st.lists(st.sampled_from("the flood rose at Vellmark on the day".split()), max_size=60))
def test_case_and_punctuation_do_not_count(words: list[str]) -> None:
    plain, dressed = " ".join(words), ", ".join(word.upper() for word in words) + "!"
    assert shingles(plain).tolist() == shingles(dressed).tolist()
    assert signature(shingles(plain)) == signature(shingles(dressed))


@given(st.text())
def test_any_text_has_shingles_and_is_no_more_than_itself(text: str) -> None:
    own = shingles(text)
    assert len(own) <= len(text)
    assert shares(own, own) == ((1.0, 1.0) if len(own) else (0.0, 0.0))
    assert alike(own, own) == bool(signature(own)) == (len(own) >= FEWEST_SHINGLES)


@pytest.mark.parametrize("text", ["", "Video unavailable.", "\ud800 " * 9])
def test_too_short_a_text_is_nobodys_copy(text: str) -> None:
    assert signature(shingles(text)) == ()
    assert not alike(shingles(text), shingles(text))


def test_an_edited_report_is_a_copy_and_one_with_a_quote_in_common_is_not() -> None:
    words = STORY.split()
    own = shingles(STORY)
    longer = shingles(f"A new top says more. {STORY} " + " ".join(f"x{n}" for n in range(150)))
    shorter = shingles(" ".join(words[:180]))
    rewritten = shingles(" ".join("and" if n % 40 == 0 else w for n, w in enumerate(words)))
    for copy in (longer, shorter, rewritten):
        assert alike(own, copy)
        assert alike(copy, own)
        assert set(signature(own)) & set(signature(copy))
    other = shingles(" ".join([*words[:60], *(f"y{n}" for n in range(300))]))
    assert not alike(own, other)
    # A round-up holds all of a short piece: that piece is not the round-up.
    assert shares(own, shingles(" ".join(words[:60])))[0] == 1.0
    assert not alike(own, shingles(" ".join(words[:60])))


def test_what_is_shared_is_counted_exactly() -> None:
    one, other = "a b c d e f g h", "x b c d e f g h i j"
    runs = len(one.split()) - SHINGLE_WORDS + 1
    assert shares(shingles(one), shingles(other)) == (3 / runs, 3 / 7)


def test_texts_of_any_length_are_signed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    own = shingles(STORY)
    at_once = signature(own)
    monkeypatch.setattr("newsqa.articles.copies._AT_ONCE", 7)
    assert signature(own) == at_once


def test_keys_meet_as_often_as_is_said() -> None:
    draw = random.Random(4)
    met = 0
    for trial in range(150):
        words = [f"{trial}-{draw.random()}" for _ in range(130)]
        fresh = [f"{trial}-{draw.random()}" for _ in range(130)]
        # Of 126 runs each, 70 are common to both: 70 / 182 = 0.385.
        one, other = shingles("|".join(words)), shingles("|".join(words[:74] + fresh[:56]))
        met += bool(set(signature(one)) & set(signature(other)))
    assert met >= 135
