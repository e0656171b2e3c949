"""Query → hits: two searches under one filter, fused; `as_of` is a promise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.indexing import Scored
from newsqa.retrieval.search import fuse
from newsqa.retrieval.signals import SIGNALS
from newsqa.types import Query

WORDS = "flood river bridge ferry harbour mayor vote snow dog tide".split()


def scored(*rows: tuple[int, float]) -> list[Scored]:
    return [Scored(id=i, score=score) for i, score in rows]


def test_fusion_scales_each_ranking_and_weighs_it() -> None:
    parts = fuse(
        {"dense": scored((1, 0.9), (2, 0.8), (3, 0.5)), "lexical": scored((2, 12.0), (4, 2.0))},
        {"dense": 0.5, "lexical": 2.0},
    )
    assert parts == {
        1: pytest.approx(0.5),
        2: pytest.approx(2.375),
        3: pytest.approx(0.0),
        4: pytest.approx(0.0),
    }


def test_what_is_alone_in_a_ranking_counts_in_full() -> None:
    assert fuse({"dense": scored((1, 0.1))}, {"dense": 0.5}) == {1: 0.5}


def test_nothing_found_is_nothing_fused() -> None:
    assert fuse({"dense": [], "lexical": []}, {"dense": 1.0, "lexical": 1.0}) == {}


def test_what_is_new_counts_for_more_than_what_is_old_or_undated(archive, article) -> None:
    archive.put(
        article("old", "The Weir Bridge is closed to all, the town council said.", day=0),
        article("new", "The Weir Bridge is open to all, the river authority said.", day=60),
        article("undated", "The Weir Bridge is a bridge over the river, a guide says.", day=None),
    )
    found = archive.search(Query(text="Weir Bridge"))
    recencies = {hit.article.id: hit.signals.get("month", 0.0) for hit in found}
    assert recencies["new"] > recencies["old"] > recencies["undated"] == 0.0


def test_hits_are_ranked_from_1_with_what_each_signal_gave(archive, article) -> None:
    archive.put(
        article("a", "The river burst its banks in the flood."),
        article("b", "The ferry left the harbour in the tide."),
        article("c", "The mayor lost the vote."),
    )
    found = archive.search(Query(text="Which river burst its banks?"))
    assert found[0].article.id == "a"
    assert [hit.rank for hit in found] == [1, 2, 3]
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)
    for hit in found:
        assert hit.score == pytest.approx(sum(hit.signals.values()))
        assert set(hit.signals) <= set(SIGNALS)
        assert hit.passage.text == hit.article.text[hit.passage.start : hit.passage.end]
    assert len(archive.search(Query(text="Which river burst its banks?"), k=2)) == 2


def test_an_empty_archive_gives_no_hits(archive, article) -> None:
    archive.put()
    assert archive.search(Query(text="Anything?")) == ()


def test_copies_of_one_text_do_not_fill_the_list(archive, article) -> None:
    agency = "The Weir Bridge reopened on Monday to cars and vans, the river authority said."
    archive.put(
        *(article(f"copy{n}", agency, source=f"Outlet {n}") for n in range(6)),
        article("own", "Our reporter drove over the Weir Bridge and met the first of the vans."),
    )
    found = archive.search(Query(text="When did the Weir Bridge reopen?"), k=3)
    assert len(found) == 2
    assert len(found[0].copies) == 5
    assert found[1].article.id == "own"


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory):
    """Forty articles over ten days, a quarter without a date."""
    import numpy as np

    import newsqa
    from newsqa.embedding import HashingEncoder
    from newsqa.types import Article

    rng = np.random.default_rng(11)
    start = newsqa.retrieval.understand("x", since="2024-01-01").since
    articles = [
        Article(
            id=f"a{n}",
            title=None,
            text=" ".join(rng.choice(WORDS, size=12)) + ".",
            source=["Harbour Post", "Radio Vellmark"][n % 2],
            published=None if n % 4 == 0 else start + timedelta(hours=int(rng.integers(0, 240))),
            content_hash="",
        )
        for n in range(40)
    ]
    encoder = HashingEncoder(32)
    path = tmp_path_factory.mktemp("dated") / "index"
    newsqa.build(articles, index=path, encoder=encoder)
    with newsqa.NewsQA.open(path, encoder=encoder) as qa:
        yield qa, articles, start


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(hours=st.integers(-10, 250), words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
       sources=st.sampled_from([(), ("harbour post",), ("Nobody",)]))  # fmt: skip
def test_under_as_of_nothing_later_and_nothing_undated_is_ever_returned(
    dated, hours: int, words: list[str], sources: tuple[str, ...]
) -> None:
    qa, articles, start = dated
    as_of = start + timedelta(hours=hours)
    allowed = {
        a.id
        for a in articles
        if a.published and a.published <= as_of and (not sources or a.source.lower() in sources)
    }
    question = " ".join(words)
    found = qa.search(question, k=50, as_of=as_of, sources=sources)
    named = {hit.article.id for hit in found} | {i for hit in found for i in hit.copies}
    assert named <= allowed
    if allowed:
        assert named == allowed  # so few that the candidates hold them all
    answer = qa.ask(question, as_of=as_of, sources=sources)
    cited = {c.article_id for c in answer.citations} | {r.article_id for r in answer.nearest}
    assert cited <= allowed
    assert answer.searched.articles == len(allowed)
