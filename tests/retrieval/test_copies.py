"""Near-copies are folded into the best of them, and into nothing else."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.retrieval.copies import fold_copies

AGENCY = (
    "The Weir Bridge reopened on Monday to cars and vans of up to 3.5 tonnes, in a single "
    "lane, six weeks after the flood closed it, the river authority said."
)
OTHER = "Divers looked at the hull of the ferry and found a dent as long as a man on one side."


def ids(found) -> list[str]:
    return [hit.article.id for hit in found]


def test_copies_name_their_articles_and_leave_no_gap(hits) -> None:
    found = fold_copies(hits(("a", AGENCY), ("b", OTHER), ("c", AGENCY), ("d", AGENCY.upper())))
    assert ids(found) == ["a", "b"]
    assert found[0].copies == ("c", "d")
    assert found[1].copies == ()
    assert [hit.rank for hit in found] == [1, 2]


def test_a_cut_version_is_a_copy_and_a_changed_one_is_not(hits) -> None:
    cut = " ".join(AGENCY.split()[:20])
    changed = "The Weir Bridge stays closed, and nobody knows when cars may use it, officials said."
    assert ids(fold_copies(hits(("a", AGENCY), ("b", cut)))) == ["a"]
    assert ids(fold_copies(hits(("a", AGENCY), ("b", changed)))) == ["a", "b"]


def test_passages_of_one_article_are_never_folded(hits) -> None:
    one, two = hits(("a", AGENCY), ("a", AGENCY))
    assert len(fold_copies([one, two])) == 2


def test_an_article_is_named_once_however_many_of_its_passages_are_copies(hits) -> None:
    found = fold_copies(hits(("a", AGENCY), ("b", AGENCY), ("b", AGENCY)))
    assert found[0].copies == ("b",)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.text(max_size=40)), max_size=8))
def test_folding_keeps_the_order_and_loses_no_article(rows: list[tuple[str, str]]) -> None:
    from newsqa.types import Article, Hit, Passage

    given_hits = [
        Hit(
            passage=Passage(id=n, article_id=i, start=0, end=len(t), text=t, sentences=()),
            article=Article(id=i, title=None, text=t, content_hash=""),
            rank=n,
            score=-float(n),
        )
        for n, (i, t) in enumerate(rows, start=1)
    ]
    found = fold_copies(given_hits)
    assert [hit.rank for hit in found] == list(range(1, len(found) + 1))
    assert [hit.score for hit in found] == sorted((h.score for h in found), reverse=True)
    kept = {hit.article.id for hit in found} | {i for hit in found for i in hit.copies}
    assert kept == {i for i, _ in rows}
    assert all(hit.article.id not in hit.copies for hit in found)
    again = fold_copies(found)
    assert [dataclasses.replace(h, copies=()) for h in again] == [
        dataclasses.replace(h, copies=()) for h in found
    ]


def test_a_limit_counts_what_is_kept_not_what_is_looked_at(hits) -> None:
    copies = [(f"copy {n}", AGENCY) for n in range(30)]
    others = [(name, f"Story {name} is about {name * 9} and not a bridge.") for name in "vwxyz"]
    found = fold_copies(iter(hits(*copies, *others)), limit=4)
    assert ids(found) == ["copy 0", "v", "w", "x"]
    assert len(found[0].copies) == 29


def test_copies_of_a_story_that_are_cut_elsewhere_are_folded_too(hits) -> None:
    words = "one two three four five six seven eight nine ten eleven twelve".split()
    first, second = " ".join(words[:9]), " ".join(words[3:])
    apart = fold_copies(hits(("a", first), ("b", second)))
    assert [hit.article.id for hit in apart] == ["a", "b"]
    stories = {"a": ("b", "c"), "b": ("a", "c")}
    found = fold_copies(hits(("a", first), ("b", second)), stories=stories)
    assert [(hit.article.id, hit.copies) for hit in found] == [("a", ("b", "c"))]
