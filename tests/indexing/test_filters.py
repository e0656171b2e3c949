"""Filters are inside the search: what they leave is ranked as if there were nothing later."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.indexing import Filter, Index
from newsqa.types import Reference

WORDS = "flood river bridge ferry harbour mayor vote snow dog tide".split()
OUTLETS = ["Harbour Post", "Radio Vellmark", "ÉCHO du Port", "Straße heute", None]
LANGUAGES = ["en", "en", "en", "de", None]
COUNT = 70


class Case:
    def __init__(self, box: Any, index: Index):
        self.box = box
        self.index = index
        self.articles = {article.id: article for article in index.articles()}


@pytest.fixture(scope="module")
def case(module_box):
    rng = np.random.default_rng(7)
    articles = []
    for number in range(COUNT):
        words = " ".join(rng.choice(WORDS, size=int(rng.integers(2, 25))))
        day = None if rng.random() < 0.3 else float(rng.integers(0, 12)) + float(rng.random() < 0.5)
        outlet = OUTLETS[int(rng.integers(len(OUTLETS)))]
        language = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
        articles.append(module_box.article(f"a{number}", f"{words}.", day, outlet, language))
    index = module_box.make(*articles)
    yield Case(module_box, index)
    index.close()


DAYS = st.one_of(st.none(), st.integers(-1, 13), st.floats(0, 12, allow_nan=False))
BOUNDS = st.fixed_dictionaries(
    {
        "as_of": DAYS,
        "since": DAYS,
        "until": DAYS,
        "sources": st.one_of(
            st.just(()),
            st.lists(
                st.sampled_from(["Harbour Post", "RADIO VELLMARK", "écho du port", "strasse heute",
                                 "No Such Outlet"]),
                max_size=3,
            ).map(tuple),
        ),
        "languages": st.sampled_from([(), (), ("en",), ("de",), ("de", "en"), ("fr",)]),
    }
)  # fmt: skip


def allowed(article: Any, chosen: Filter) -> bool:
    """The rule, said again: slowly and one article at a time."""
    bound = chosen.as_of or chosen.since or chosen.until
    if bound and article.published is None:
        return False
    if chosen.as_of and article.published > chosen.as_of:
        return False
    if chosen.since and article.published < chosen.since:
        return False
    if chosen.until and article.published > chosen.until:
        return False
    if chosen.languages and article.language not in chosen.languages:
        return False
    if chosen.sources:
        names = {name.casefold() for name in chosen.sources}
        return article.source is not None and article.source.casefold() in names
    return True


def made(case: Case, bounds: dict[str, Any]) -> Filter:
    start = case.box.article("x", "x", 0).published
    moments = {
        name: None if bounds[name] is None else start + timedelta(days=bounds[name])
        for name in ("as_of", "since", "until")
    }
    return Filter(sources=bounds["sources"], languages=bounds["languages"], **moments)


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(bounds=BOUNDS, words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
       k=st.sampled_from([1, 3, 10, 500]))  # fmt: skip
def test_both_searches_equal_brute_force_over_what_is_allowed(case, bounds, words, k) -> None:
    chosen, question = made(case, bounds), " ".join(words)
    with case.index.view() as view:
        for search in (case.box.dense, case.box.lexical):
            # By words, rarity is counted as of the latest instant: without since and outlets.
            everything = search(view, question, chosen=Filter(until=chosen.latest))
            owner = {i: a for i, (_, a) in view.passages([s.id for s in everything]).items()}
            scores = {s.id: s.score for s in everything}
            expected = sorted(
                (s.score for s in everything if allowed(owner[s.id], chosen)), reverse=True
            )
            found = search(view, question, k, chosen)
            assert all(allowed(owner[s.id], chosen) for s in found)
            assert len({s.id for s in found}) == len(found)
            np.testing.assert_allclose([s.score for s in found], expected[:k], rtol=1e-5)
            np.testing.assert_allclose(
                [s.score for s in found], [scores[s.id] for s in found], rtol=1e-5
            )


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(bounds=BOUNDS, offset=st.integers(0, COUNT + 5), limit=st.integers(0, 30))
def test_the_newest_are_those_of_a_sort_by_date_and_arrival(case, bounds, offset, limit) -> None:
    chosen = made(case, bounds)
    arrived = list(case.articles.values())
    rows = [(a.published, at, a) for at, a in enumerate(arrived) if allowed(a, chosen)]
    dated = sorted((row for row in rows if row[0]), key=lambda row: row[:2], reverse=True)
    undated = [row for row in reversed(rows) if not row[0]]
    expected = [a for *_, a in dated + undated][offset : offset + limit]
    with case.index.view() as view:
        found = view.newest(offset, limit, chosen)
    assert found == [Reference.to(article) for article in expected]


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(bounds=BOUNDS)
def test_coverage_counts_what_is_allowed_and_what_has_no_date(case, bounds) -> None:
    chosen = made(case, bounds)
    inside = [a for a in case.articles.values() if allowed(a, chosen)]
    dates = [a.published for a in inside if a.published]
    undated = [
        a
        for a in case.articles.values()
        if a.published is None
        and allowed(a, Filter(sources=chosen.sources, languages=chosen.languages))
    ]
    with case.index.view() as view:
        found = view.coverage(chosen)
    bound = chosen.as_of or chosen.since or chosen.until
    assert found.articles == len(inside)
    assert found.undated_excluded == (len(undated) if bound else 0)
    assert (found.earliest, found.latest) == (
        (min(dates), max(dates)) if dates else (None, None)
    )  # fmt: skip


def test_dense_scores_are_the_cosines(case) -> None:
    question = case.box.encoder.encode(["flood river"])[0]
    entries, vectors = case.box.entries(list(case.articles.values()))
    truth = {p.id: float(vectors[key] @ question) for entry in entries for p, key in entry.passages}
    with case.index.view() as view:
        found = {s.id: s.score for s in case.box.dense(view, "flood river")}
    assert found.keys() == truth.keys()
    np.testing.assert_allclose([found[i] for i in truth], list(truth.values()), atol=1e-5)


def test_bounds_are_inclusive_to_the_microsecond(case) -> None:
    instant = next(a.published for a in case.articles.values() if a.published)
    tick = timedelta(microseconds=1)
    exactly = {a.id for a in case.articles.values() if a.published == instant}
    with case.index.view() as view:
        for chosen, inside in (
            (Filter(since=instant, until=instant), True),
            (Filter(since=instant, as_of=instant), True),
            (Filter(since=instant + tick, until=instant + tick), False),
            (Filter(since=instant - tick, until=instant - tick), False),
        ):
            for search in (case.box.dense, case.box.lexical):
                found = search(view, " ".join(WORDS), 1000, chosen)
                ids = {a.id for _, a in view.passages([s.id for s in found]).values()}
                assert ids == (exactly if inside else set())


@pytest.mark.parametrize("name", ["No Such Outlet", "", "harbour", "Harbour Post OR 1=1", "*"])
def test_an_outlet_that_is_not_there_gives_nothing(case, name: str) -> None:
    chosen = Filter(sources=(name,))
    with case.index.view() as view:
        assert case.box.dense(view, "flood", 10, chosen) == []
        assert case.box.lexical(view, "flood", 10, chosen) == []
        assert view.coverage(chosen).articles == 0


def test_a_lexicon_with_wrong_dates_can_not_break_the_filter(box, flood, tmp_path: Path) -> None:
    """The lexical files may be someone else's: the store has the last word on what is allowed."""
    from newsqa.indexing.lexicon import Entry, Stamp

    with flood.view() as view:
        ids = {a.id: i for i, (_, a) in view.passages(
            [s.id for s in box.dense(view, "x")]).items()}  # fmt: skip
    with flood.writing() as writer:
        entry = Entry(id=ids["ferry"], title="", text="ferry", published=0, source="Harbour Post")
        writer._lexicon.write(add=[entry], stamp=Stamp(uid="x", token="99", before=None))
    index = Index.open(box.path)
    day = box.article("x", "x", 1.5).published
    with index.view() as view:
        assert box.lexical(view, "ferry")
        assert box.lexical(view, "ferry", 10, Filter(as_of=day)) == []
        assert box.lexical(view, "ferry", 10, Filter(sources=("Harbour Post",))) == []
    index.close()
