"""What speaks for a passage: each signal for itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from newsqa.retrieval.rerank import WEIGHTS, by_cross_encoder
from newsqa.retrieval.signals import SIGNALS, Candidate, nearness, recency, signals_of
from newsqa.types import Period, Query

NOW = datetime(2024, 3, 1, tzinfo=UTC)


def candidates(view, archive_ids: list[int]) -> list[Candidate]:
    passages = view.passages(archive_ids)
    return [
        Candidate(passage=passages[i][0], article=passages[i][1], similarity=0.5, lexical=1.0)
        for i in archive_ids
    ]


@pytest.fixture
def weighed(archive, article):
    """Signals by name for articles, (id, text, options) each, best known by id."""

    def weigh(query: Query, *articles, now: datetime = NOW) -> dict[str, dict[str, float]]:
        archive.put(*articles)
        with archive.view() as view:
            ids = [hit.passage.id for hit in archive.search(query, k=50)]
            found = candidates(view, ids)
            rows = signals_of(query, found, view, now=now)
        return {
            candidate.article.id: dict(zip(SIGNALS, row, strict=True))
            for candidate, row in zip(found, rows, strict=True)
        }

    return weigh


def test_every_signal_has_a_weight() -> None:
    assert tuple(WEIGHTS) == SIGNALS


def test_words_count_by_stem_and_neighbours_as_a_phrase(weighed, article) -> None:
    found = weighed(
        Query(text="Which bridges were closed?"),
        article("both", "Reports say the bridge closed at noon."),
        article("apart", "The bridge stands. The ferry is closed. The harbour is open."),
        article("one", "The ferry is closed and the road is open."),
    )
    assert found["both"]["coverage"] == pytest.approx(1.0)
    assert found["apart"]["coverage"] == pytest.approx(1.0)
    assert found["one"]["coverage"] < 1.0


def test_words_of_one_sentence_count_beside_those_of_the_passage(weighed, article) -> None:
    found = weighed(
        Query(text="Who closed the old bridge?"),
        article(
            "together", "The ferry runs. The council closed the old bridge on Monday. So it is."
        ),
        article("apart", "The bridge of the town is old. The council closed the ferry on Monday."),
    )
    assert found["together"]["coverage"] == found["apart"]["coverage"] == pytest.approx(1.0)
    assert found["together"]["sentence"] == pytest.approx(1.0)
    assert 0.0 < found["apart"]["sentence"] < 1.0


def test_a_letter_that_is_longer_in_lower_case_moves_no_sentence(weighed, article) -> None:
    found = weighed(
        Query(text="Did the council close the bridge?"),
        article("a", "İİİİ İİİİ İİİİ İİİİ İİİİ and the council closed the bridge. The ferry sank."),
    )
    assert found["a"]["sentence"] == pytest.approx(1.0)


def test_neighbouring_words_are_a_phrase(weighed, article) -> None:
    found = weighed(
        Query(text="Who closed the Weir Bridge?"),
        article("phrase", "The Weir Bridge was shut by the council."),
        article("apart", "The bridge by the weir was shut by the council."),
    )
    assert found["phrase"]["phrase"] == pytest.approx(1.0)
    assert found["apart"]["phrase"] == 0.0


def test_accents_and_other_scripts_do_not_hide_a_word(weighed, article) -> None:
    found = weighed(
        Query(text="Who spoke in Zurich?"), article("a", "Vogel spoke in Zürich on trade.")
    )
    assert found["a"]["coverage"] == pytest.approx(1.0)


def test_a_past_time_counts_instead_of_newness(weighed, article) -> None:
    january = Period(
        text="January",
        start=datetime(2024, 1, 1, tzinfo=UTC),
        end=datetime(2024, 1, 31, tzinfo=UTC),
    )
    rows = (
        article("then", "The mayor won the vote.", day=10),
        article("now", "A vote in spring was won by her, the mayor of the town.", day=59),
        article("undated", "No date stands on this vote for mayor that one of them won.", day=None),
    )
    past = weighed(Query(text="Who won the vote?", period=january), *rows)
    assert past["then"]["period"] == 1.0 > past["now"]["period"] > 0.0
    assert past["now"]["week"] == past["now"]["month"] == past["now"]["half year"] == 0.0
    assert past["undated"]["period"] == 0.0
    plain = weighed(Query(text="Who won the vote?"), *rows)
    assert plain["now"]["week"] > plain["then"]["week"]
    assert plain["now"]["fresh"] == 0.0
    newest = weighed(Query(text="Who won the vote?", newest=True), *rows)
    assert newest["now"]["fresh"] == newest["now"]["week"] > 0.0


def test_numbers_count_only_where_one_is_asked_for(weighed, article) -> None:
    rows = (article("a", "The flood hurt 120 in 1999."),)
    assert weighed(Query(text="How many were hurt in the flood?"), *rows)["a"]["numbers"] > 0.0
    assert weighed(Query(text="Who was hurt in the flood?"), *rows)["a"]["numbers"] == 0.0


def test_a_named_outlet_counts(weighed, article) -> None:
    rows = (
        article("a", "The ferry sank.", source="Radio Vellmark"),
        article("b", "The ferry sank at sea.", source="Harbour Post"),
    )
    found = weighed(Query(text="What sank?", outlets=("Radio Vellmark",)), *rows)
    assert (found["a"]["outlet"], found["b"]["outlet"]) == (1.0, 0.0)


def test_no_candidates_have_no_signals(archive, article) -> None:
    archive.put(article("a", "The ferry sank."))
    with archive.view() as view:
        assert signals_of(Query(text="Who?"), [], view, now=NOW).shape == (0, len(SIGNALS))


def test_newness_falls_with_age_and_never_rises_above_one() -> None:
    ages = [recency(NOW - timedelta(days=d), NOW, 7) for d in (-5, 0, 7, 700)]
    assert ages[:2] == [1.0, 1.0]
    assert ages[2] == pytest.approx(np.exp(-1))
    assert recency(None, NOW, 7) == recency(NOW, None, 7) == 0.0


def test_news_of_a_period_may_appear_a_week_after_it() -> None:
    period = Period(text="x", start=NOW - timedelta(days=60), end=NOW - timedelta(days=50))
    assert nearness(NOW - timedelta(days=44), period) == 1.0
    assert 0.0 < nearness(NOW - timedelta(days=30), period) < 1.0
    assert nearness(NOW - timedelta(days=62), period) < 1.0
    assert nearness(None, period) == 0.0


def test_a_cross_encoder_reads_question_title_and_text(archive, article) -> None:
    asked = []

    def scorer(question: str, texts):
        asked.append((question, list(texts)))
        return [float(len(text)) for text in texts]

    archive.put(article("a", "The ferry sank."), article("b", "The ferry sank in the harbour."))
    found = archive.search(Query(text="What sank?"), ranker=by_cross_encoder(scorer))
    assert [hit.article.id for hit in found] == ["b", "a"]
    assert set(found[0].signals) == {"cross-encoder"}
    assert asked[0][0] == "What sank?"
    assert "Title of a\nThe ferry sank." in asked[0][1]


@pytest.mark.parametrize(
    ("asked", "said"),
    [("spy", "spies"), ("fly", "flying"), ("die", "dying"), ("dying", "died"), ("try", "tried"),
     ("lie", "lying"), ("cry", "cries"), ("us", "US"), ("eyes", "eye"), ("going", "go")],
)  # fmt: skip
def test_a_word_is_found_whatever_its_stem_does_to_its_letters(
    weighed, article, asked: str, said: str
) -> None:
    found = weighed(Query(text=asked), article("a", f"They {said} there."))
    assert found["a"]["coverage"] == pytest.approx(1.0)


def test_a_question_about_the_past_keeps_its_article_among_the_candidates(archive, article) -> None:
    words = "boats music dancing lights stalls races".split()
    new = [
        article(
            f"n{n}",
            f"The mayor opened festival {n} of {words[n % 6]} at Skerrin, {words[n % 5]} and all.",
            day=200,
        )
        for n in range(90)
    ]
    old = article("old", "The mayor of Skerrin opened a library in the rain.", day=10)
    archive.put(*new, old)
    january = Period(
        text="January 2024",
        start=datetime(2024, 1, 1, tzinfo=UTC),
        end=datetime(2024, 1, 31, tzinfo=UTC),
    )
    text = "What did the mayor of Skerrin open?"

    def found(period: Period | None) -> list[str]:
        return [hit.article.id for hit in archive.search(Query(text=text, period=period), k=40)]

    assert "old" in found(january)
    assert "old" not in found(None)
