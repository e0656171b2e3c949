"""Sentence spans: exact for any text, and right for news prose."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsqa.chunking import sentence_spans

PIECES = st.sampled_from(
    [
        "a", "Z", "word", "The U.S. Senate", "Gov. Kay", ". ", "! ", "? ", "…", "\n", "\r\n", "\t",
        "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x1f", "\x00", "\u00a0", "\u200b",
        "\u3000", "e\u0301", "\u0301", "👩‍👩‍👧‍👦", "🏳️‍🌈", "שלום עולם. ",
        "مرحبا بالعالم؟ ", "日本の首相は辞任した。",
        "“Quoted.” ", "‘so’", "(AP) — ", "3.5", "[1]", "\ufeff", "\U0010ffff", "ẞ", "İ",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(PIECES, max_size=40).map("".join),
)
PROPERTY = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text)]


@PROPERTY
@given(TEXTS)
@example("")
@example(" \n\x85\u2028 ")
@example("\x00\x00. A")
def test_spans_are_in_order_apart_and_cover_all_that_is_visible(text: str) -> None:
    end = 0
    for span in sentence_spans(text):
        assert end <= span.start < span.end <= len(text)
        assert text[end : span.start].strip() == ""
        assert text[span.start : span.end].strip() == text[span.start : span.end]
        end = span.end
    assert text[end:].strip() == ""


@PROPERTY
@given(TEXTS)
def test_a_sentence_never_crosses_a_line_break(text: str) -> None:
    assert [s for s in sentences(text) if len(s.splitlines()) != 1] == []


@pytest.mark.parametrize(
    "expected",
    [
        ["The U.S. Senate voted 52-48 on Tuesday.", "Gov. Kay Ivey signed the bill."],
        ["WASHINGTON (AP) — The president met J. D. Vance.", "They spoke for an hour."],
        ["He met George H. W. Bush Jr. in Washington, D.C.", "It was cold."],
        ["Acme Inc. of St. Louis made $3.5 million.", "Mr. Smith declined to comment."],
        ["“We will not stop,” Gov. Kay Ivey said.", "“Not today.”", "She left."],
        ['"Is it true?" she asked.', "It rained."],
        ["The train left at 5 p.m. on Monday.", "Nobody was on it."],
        ["LONDON, March 3 (Reuters) - Shares rose 2.5%.", "Analysts were surprised."],
        ["Sen. Mitch McConnell, R-Ky., spoke.", "Rep. A. Smith, D-N.Y., replied."],
        ["They met in the town hall.", "The mayor left the board.", "Nobody followed."],
    ],
    ids=[
        "us",
        "dateline",
        "initials",
        "company",
        "quotes",
        "question",
        "time",
        "wire",
        "party",
        "hall",
    ],
)
def test_news_prose_is_split_where_a_reader_would(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_a_headline_without_a_stop_ends_with_its_line() -> None:
    assert sentences("River bursts its banks\nThe Morrow rose on Monday.") == [
        "River bursts its banks",
        "The Morrow rose on Monday.",
    ]


@pytest.mark.parametrize("unit", ["x", "漢", "👩‍👩‍👧", "e\u0301", "ש"], ids=ascii)
def test_5000_characters_without_a_space_are_cut_and_lose_nothing(unit: str) -> None:
    text = unit * (5000 // len(unit))
    started = time.perf_counter()
    pieces = sentences(text)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 1200
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("unit", ["dept. A ", "a. ", "\"' ", "!", "U.S. ", "(AP) "])
def test_a_long_line_takes_no_more_than_its_length(unit: str) -> None:
    started = time.perf_counter()
    assert sentences(unit * 8000)
    assert time.perf_counter() - started < 5
