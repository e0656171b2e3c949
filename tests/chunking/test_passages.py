"""Passages: exact places, every sentence once, within the limits."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsqa.chunking import context, encoder_input, passages, sentence_spans
from newsqa.config import Chunking
from newsqa.embedding import Encoder, HashingEncoder
from newsqa.types import Article

COUNT = HashingEncoder().count_tokens
SMALL = Chunking(max_tokens=12, max_words=9)
PROPERTY = settings(max_examples=120, deadline=None, derandomize=True, database=None)

TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(
            ["word ", "A longer sentence stands here. ", "Gov. Kay said no. ", "\n", "\x85",
             "\u2028", "\x00", "漢字", "。", "👩‍👩‍👧 ", "e\u0301", "שלום. ", ",,,,,,",
             "x" * 40, "1.5 "]
        ),
        max_size=60,
    ).map("".join),
)  # fmt: skip


def article(text: str, **changes: object) -> Article:
    made = Article(
        id="a-1",
        title="River bursts its banks",
        text=text,
        published=datetime(2024, 3, 9, 8, 30, tzinfo=UTC),
        content_hash="0" * 32,
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


@PROPERTY
@given(TEXTS)
@example("")
@example("🏳️‍🌈" * 100)
def test_passages_stand_where_they_say_and_hold_every_visible_character_once(text: str) -> None:
    end = 0
    for passage in passages(article(text), COUNT, limits=SMALL):
        assert passage.text == text[passage.start : passage.end]
        assert text[end : passage.start].strip() == ""
        assert passage.sentences[0].start == passage.start
        assert passage.sentences[-1].end == passage.end
        end = passage.start
        for span in passage.sentences:
            assert end <= span.start < span.end <= passage.end
            assert text[end : span.start].strip() == ""
            end = span.end
    assert text[end:].strip() == ""


@PROPERTY
@given(TEXTS)
def test_passages_keep_their_limits(text: str) -> None:
    for passage in passages(article(text), COUNT, limits=SMALL):
        words = sum(len(text[s.start : s.end].split()) for s in passage.sentences)
        tokens = sum(COUNT([text[s.start : s.end] for s in passage.sentences]))
        assert words <= SMALL.max_words
        assert tokens <= SMALL.max_tokens
        assert COUNT([passage.text])[0] <= SMALL.max_tokens


@PROPERTY
@given(TEXTS)
def test_a_sentence_that_fits_is_never_cut(text: str) -> None:
    whole = [
        (s.start, s.end)
        for s in sentence_spans(text)
        if COUNT([text[s.start : s.end]])[0] <= SMALL.max_tokens
        and len(text[s.start : s.end].split()) <= SMALL.max_words
    ]
    cut = {
        (s.start, s.end) for p in passages(article(text), COUNT, limits=SMALL) for s in p.sentences
    }
    assert set(whole) <= cut


@PROPERTY
@given(TEXTS)
def test_ids_are_stable_distinct_and_fit_63_bits(text: str) -> None:
    ids = [passage.id for passage in passages(article(text), COUNT, limits=SMALL)]
    assert ids == [passage.id for passage in passages(article(text), COUNT, limits=SMALL)]
    assert len(set(ids)) == len(ids)
    assert all(0 <= i < 2**63 for i in ids)


def test_the_same_words_of_another_article_or_version_have_other_ids() -> None:
    text = "One sentence. Another one."
    seen = {
        passages(article(text, **changes), COUNT, limits=SMALL)[0].id
        for changes in ({}, {"id": "a-2"}, {"content_hash": "1" * 32})
    }
    assert len(seen) == 3


@pytest.mark.parametrize("unit", ["x", "漢", ",", "👩‍👩‍👧", "e\u0301"], ids=ascii)
def test_5000_characters_without_a_space_end_in_passages(unit: str) -> None:
    text = unit * (5000 // len(unit))
    found = passages(article(text), COUNT, limits=SMALL)
    assert "".join(passage.text for passage in found) == text


def test_one_character_of_too_many_tokens_does_not_go_on_forever() -> None:
    def greedy(texts: object) -> list[int]:
        return [99 for _ in texts]  # type: ignore[attr-defined]

    found = passages(article("ab"), greedy, limits=SMALL)
    assert [passage.text for passage in found] == ["a", "b"]


def test_passages_are_evenly_filled() -> None:
    text = " ".join(f"Sentence number {n} stands here." for n in range(100))
    sizes = [
        len(p.text.split())
        for p in passages(article(text), COUNT, limits=Chunking(max_tokens=232, max_words=180))
    ]
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= 10


def test_the_encoder_reads_title_and_day_which_are_not_part_of_the_text() -> None:
    story = article("The Morrow rose on Monday. Nobody was hurt.")
    (passage,) = passages(story, COUNT, limits=Chunking(), window=256)
    around = context(story, COUNT, window=256)
    assert around == "River bursts its banks (March 9, 2024)"
    assert encoder_input(around, passage) == f"{around}\n{story.text}"
    assert passage.text == story.text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": None}, "March 9, 2024"),
        ({"published": None}, "River bursts its banks"),
        ({"title": None, "published": None}, ""),
        ({"title": "  ", "published": None}, ""),
    ],
    ids=["untitled", "undated", "neither", "blank"],
)
def test_what_is_not_known_is_not_in_the_context(changes: dict, expected: str) -> None:
    story = article("Text.", **changes)
    (passage,) = passages(story, COUNT, limits=Chunking(), window=256)
    around = context(story, COUNT, window=256)
    assert around == expected
    assert encoder_input(around, passage) == (f"{expected}\nText." if expected else "Text.")


DENSE = {
    "english": "The committee said on Tuesday that it would not publish the report. " * 60,
    "chinese": "日本の首相は昨日辞任した。後任は未定である。" * 90,
    "punctuation": "!?,;:-()[]{}" * 150,
    "digits": "3.14159265358979 " * 200,
    "names": "Przewalski Krzysztof Wojciechowski-Szczęsny Mkhitaryan " * 60,
    "emoji": "👩‍👩‍👧 🏳️‍🌈 🚀" * 150,
    "no space": "pneumonoultramicroscopicsilicovolcanoconiosis" * 60,
    "combining": "e\u0301a\u0308o\u0302 " * 400,
}
TITLES = {
    "none": None,
    "short": "River bursts its banks",
    "long": "Councillors in Tarrowbridge reject the disputed plan for a second weir, " * 3,
    "dense": "日本の首相は昨日辞任した、" * 20,
    "signs": "?!" * 200,
}


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
@pytest.mark.parametrize("text", DENSE.values(), ids=DENSE.keys())
@pytest.mark.parametrize("window", [256, 64], ids=["window of 256", "window of 64"])
def test_the_encoder_sees_all_of_what_it_is_given(
    text: str, title: str | None, window: int, real_encoder: Encoder
) -> None:
    story = article(text, title=title)
    count = real_encoder.count_tokens
    found = passages(story, count, limits=Chunking(), window=window)
    around = context(story, count, window=window)
    sizes = count([encoder_input(around, passage) for passage in found])
    assert max(sizes) + 2 <= window
    # ... and the title does not crowd out the text (an endless word is one unknown token).
    if " " in text or max(count([text])) > 1:
        assert max(count([passage.text for passage in found])) >= window // 3
