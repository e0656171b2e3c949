"""What was found for a question: what leads, and which exact answers are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from newsqa.embedding import HashingEncoder
from newsqa.synthesis import evidence
from newsqa.synthesis.compose import FOLLOWS_AT_LEAST
from newsqa.synthesis.finding import LEAST_LEAD, LEAST_LIKELY, Finding, find, likely
from newsqa.synthesis.pooled import Place, Pooled
from newsqa.synthesis.reading import ReadSpan
from newsqa.types import Hit, Query

from .made_up import PlainWords, ScriptedReader, make_hit, make_hits, within

WHO = "Who led the rescue?"


def found(asked: str | Query, hits: Sequence[Hit], told: Mapping[str, float] | None) -> Finding:
    """With a reader that finds what it is told; without one where that is None."""
    encoder = HashingEncoder(128)
    query = asked if isinstance(asked, Query) else Query(text=asked)
    question = query.text
    return find(
        question,
        query,
        hits,
        reader=None if told is None else ScriptedReader(told),
        vector=encoder.encode([question])[0],
        encode=encoder.encode,
        words=PlainWords(),
        lap=lambda _: {},
    )


def test_an_answer_that_is_hardly_likely_is_none() -> None:
    sure, unsure = (Pooled(text=text, key=(text,)) for text in ("Crane", "Quill"))
    sure.score, unsure.score = LEAST_LIKELY, LEAST_LIKELY - 0.01
    assert likely([sure, unsure]) == [sure]


def test_what_is_far_less_likely_than_no_answer_is_none() -> None:
    for lead in (LEAST_LEAD, LEAST_LEAD - 0.01):
        answer = Pooled(text="Crane", key=("crane",), score=LEAST_LIKELY)
        for each in (lead, LEAST_LEAD - 5):
            answer.places.append(Place(0, ReadSpan(start=0, end=5, logit=1.0, lead=each)))
        assert likely([answer]) == ([answer] if lead == LEAST_LEAD else [])


def test_nothing_is_given_where_nothing_is_likely_and_the_best_sentence_leads() -> None:
    others = [f"Street {n} of the town was calm that night." for n in range(9)]
    hits = make_hits("They said that it took an hour, the rescue.", *others)
    finding = found(WHO, hits, {})
    assert finding.exact == ()
    assert finding.candidates
    hits = make_hits("Bert Crane led the rescue.", *others)
    assert found(WHO, hits, {"Bert Crane": 12.0}).exact == ("Bert Crane",)


def test_the_wording_given_is_that_of_the_sentence_that_leads() -> None:
    hits = make_hits("BERT CRANE led the rescue.", "It was Bert Crane who led the rescue.")
    for sure in ("BERT CRANE", "Bert Crane"):
        told = {"BERT CRANE": 9.0, "Bert Crane": 9.0, sure: 12.0}
        finding = found(WHO, hits, told)
        assert finding.exact == (sure,)
        assert sure in finding.candidates[0].evidence.text


def test_newer_news_makes_an_answer_unsure_where_it_is_asked_as_of_a_time() -> None:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    hits = [
        make_hit("Bert Crane led the rescue.", rank=1, published=now - timedelta(days=60)),
        make_hit("Ada Quill left the rescue.", rank=2, published=now),
    ]
    told = {"Bert Crane": 9.0, "Ada Quill": 4.0}
    ever, now_ = (
        found(Query(text=WHO, as_of=as_of), hits, told).confidence for as_of in (None, now)
    )
    assert now_ < ever


THEN, SINCE = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)


def led(asked: str | Query, *dates: datetime | None, read: bool = True) -> str:
    """What leads of two sentences, both as likely, whose articles are of these dates."""
    hits = [
        make_hit("The bridge is closed to cars.", rank=1, published=dates[0]),
        make_hit("The bridge is open to cars.", rank=2, published=dates[1]),
    ]
    told = {"closed to cars": 9.0, "open to cars": 8.9} if read else None
    return found(asked, hits, told).candidates[0].evidence.text


@pytest.mark.parametrize(
    ("dates", "closed"),
    [((THEN, SINCE), False), ((SINCE, THEN), True), ((THEN, None), True), ((None, SINCE), False)],
)
@pytest.mark.parametrize("read", [True, False])
def test_how_things_stand_is_told_by_the_newest_that_is_as_good(
    dates: tuple[datetime | None, datetime | None], closed: bool, read: bool
) -> None:
    told = led("Is the bridge for cars?", *dates, read=read)
    assert told == f"The bridge is {'closed' if closed else 'open'} to cars."


def test_what_is_no_question_of_how_things_stand_is_not_told_by_the_newest() -> None:
    assert led("Was the bridge closed to cars?", THEN, SINCE) == "The bridge is closed to cars."


def test_what_is_far_better_leads_however_old() -> None:
    hits = [
        make_hit("The bridge is closed to cars.", rank=1, published=THEN),
        make_hit("It rained at the bridge.", rank=2, published=SINCE),
    ]
    finding = found("Is the bridge open to cars?", hits, {"closed to cars": 9.0})
    assert finding.candidates[0].evidence.text == "The bridge is closed to cars."


def test_the_latest_is_told_first() -> None:
    hits = [
        make_hit("The ferry sank at Lune.", rank=1, published=THEN),
        make_hit("The ferry rose at Lune.", rank=2, published=SINCE),
        make_hit("The ferry lay at Lune.", rank=3, published=None),
    ]
    for newest, first in ((False, THEN), (True, SINCE)):
        query = Query(text="What is the latest news about the ferry?", newest=newest)
        told = found(query, hits, {"sank at Lune": 9.0, "rose at Lune": 8.5}).candidates
        assert told[0].evidence.article.published == first
    assert told[-1].evidence.article.published is None


def test_what_the_next_sentence_takes_back_is_not_given() -> None:
    hits = make_hits("Some 12 people died in the flood. That figure was wrong.")
    assert found("How many people died in the flood?", hits, {"12": 12.0}).exact == ()
    hits = make_hits("Some 12 people died in the flood. That figure was new.")
    assert found("How many people died in the flood?", hits, {"12": 12.0}).exact == ("12",)


def test_what_the_next_passage_takes_back_is_not_given() -> None:
    first = "Some 12 people died in the flood."
    for taken_back, given in (("wrong", ()), ("new", ("12",))):
        hit = within(make_hits(f"{first} That figure was {taken_back}. It rained.")[0], first)
        assert found("How many people died in the flood?", [hit], {"12": 12.0}).exact == given


def test_what_follows_an_answer_has_to_say_something_where_a_fact_was_read_for() -> None:
    hits = make_hits("Bert Crane led the rescue.")
    assert found(WHO, hits, {"Bert Crane": 12.0}).least == FOLLOWS_AT_LEAST
    assert found("Why did they rescue them?", hits, {"Bert Crane": 12.0}).least == 0.0


def test_the_sentence_of_the_best_exact_answer_is_always_looked_at() -> None:
    like = [
        f"The rescue was led from town hall {n}, the paper on the rescue that was led said."
        for n in range(2 * evidence.MAX_ENCODED_READ)
    ]
    hits = make_hits(" ".join(like), "Ada Quill.", "It was Ada Quill in the end.")
    finding = found(WHO, hits, {"Ada Quill": 14.0})
    assert len(finding.candidates) == evidence.MAX_ENCODED_READ
    assert "Ada Quill" in finding.candidates[0].evidence.text
