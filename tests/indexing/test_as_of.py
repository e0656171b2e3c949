"""As of an instant: what was published later changes neither who is found nor the order."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.indexing import Filter

WORDS = "flood river bridge ferry harbour mayor vote snow dog tide".split()
LENGTH = 5
"""Words of every article, each once: BM25 still sees the average length of what is later."""
TEXTS = st.lists(st.permutations(WORDS).map(lambda words: tuple(words[:LENGTH])), max_size=12)


def articles(box, texts, *, first: int, days):
    return [
        box.article(f"a{number}", " ".join(words), days[number % len(days)])
        for number, words in enumerate(texts, start=first)
    ]


def order(found) -> list[tuple[float, list[int]]]:
    """Groups of ids by score, best first: what scores the same has no order."""
    groups: list[tuple[float, list[int]]] = []
    for scored in found:
        if groups and math.isclose(groups[-1][0], scored.score, rel_tol=1e-4):
            groups[-1][1].append(scored.id)
        else:
            groups.append((scored.score, [scored.id]))
    return [(score, sorted(ids)) for score, ids in groups]


@pytest.fixture(scope="module")
def boxes(module_box, tmp_path_factory: pytest.TempPathFactory):
    """Boxes that are new each time."""
    root = tmp_path_factory.mktemp("as_of")
    return (type(module_box)(root / str(number)) for number in range(10_000))


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(before=TEXTS, later=TEXTS, asked=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
def test_later_articles_change_nothing(boxes, before, later, asked) -> None:
    box = next(boxes)
    index = box.make(*articles(box, before, first=0, days=[0, 1, 2]))
    latest = box.article("x", "x", 2).published
    question = " ".join(asked)

    def look():
        with index.view() as view:
            words = view.words(latest)
            return (
                order(box.dense(view, question, chosen=Filter(as_of=latest))),
                order(box.lexical(view, question, chosen=Filter(as_of=latest))),
                [words.rarity(term) for word in WORDS for term in words.terms(word)],
            )

    dense, lexical, rarity = look()
    box.put(index, *articles(box, later, first=100, days=[2.5, 9, None]))
    dense_then, lexical_then, rarity_then = look()
    assert [ids for _, ids in dense_then] == [ids for _, ids in dense]
    assert [ids for _, ids in lexical_then] == [ids for _, ids in lexical]
    np.testing.assert_allclose(rarity_then, rarity, rtol=1e-9)
    index.close()


def test_what_is_rare_then_may_be_common_now(box) -> None:
    """As of day 1 "ferry" is the rarer word of the two; since then it is in everything."""
    index = box.make(
        box.article("one", "ferry one two", 0),
        *(box.article(f"same{n}", "tide one two", 0) for n in range(3)),
        *(box.article(f"later{n}", "ferry three four", 5) for n in range(30)),
        *(box.article(f"undated{n}", "ferry three four", None) for n in range(30)),
    )
    latest = box.article("x", "x", 1).published
    with index.view() as view:
        for chosen in (Filter(as_of=latest), Filter(until=latest),
                       Filter(as_of=latest + timedelta(days=9), until=latest)):  # fmt: skip
            best = box.lexical(view, "ferry tide", 1, chosen)[0]
            assert view.passages([best.id])[best.id][1].id == "one"
        words = view.words(latest)
        assert words.rarity("ferri") == pytest.approx(math.log1p(4 / 2))
        assert words.rarity("tide") == pytest.approx(math.log1p(4 / 4))
        assert words.rarity("three") == pytest.approx(math.log1p(4 / 1))
        assert view.rarity("ferri") == view.words().rarity("ferri") == math.log1p(64 / 62)
    index.close()


def test_the_weight_of_a_term_is_that_of_the_archive_then(box) -> None:
    """To the last digits, whatever was deleted: in passages alike, scores are as the weights."""
    index = box.make(
        *(box.article(f"old{n}", f"{'flood' if n % 3 else 'tide'} {n} x y", n % 2)
          for n in range(12)),
        *(box.article(f"new{n}", "flood tide", 3) for n in range(20)),
    )  # fmt: skip
    box.put(index, removed=["new1", "new2"])
    latest = box.article("x", "x", 1).published
    with index.view() as view:
        assert view._snapshot.lexicon.documents > 30  # the deleted ones are still in it
        flood, tide = (
            view.lexical({term: 1.0}, 1, Filter(as_of=latest), title_boost=0.0)[0].score
            for term in ("flood", "tide")
        )
    idf = {having: math.log(1 + (12 - having + 0.5) / (having + 0.5)) for having in (8, 4)}
    assert flood / tide == pytest.approx(idf[8] / idf[4], rel=1e-5)
    index.close()


def test_without_an_instant_nothing_is_counted(box, flood, monkeypatch) -> None:
    from newsqa.indexing.lexicon import LexiconView

    def fail(*_: object) -> int:
        raise AssertionError

    monkeypatch.setattr(LexiconView, "count_published", fail)
    with flood.view() as view:
        since = box.article("x", "x", 1).published
        assert box.lexical(view, "flood ferry")
        assert box.lexical(view, "flood ferry", chosen=Filter(since=since))
        assert view.rarity("flood") > 0
