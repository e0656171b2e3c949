"""What was found for a question: what leads, and which exact answers are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from newsqa.embedding import HashingEncoder
from newsqa.synthesis import evidence
from newsqa.synthesis.finding import LEAST_LEAD, LEAST_LIKELY, Finding, find, likely
from newsqa.synthesis.pooled import Place, Pooled
from newsqa.synthesis.reading import ReadSpan
from newsqa.types import Hit, Query

from .made_up import PlainWords, ScriptedReader, make_hits

WHO = "Who led the rescue?"


def found(question: str, hits: Sequence[Hit], told: Mapping[str, float]) -> Finding:
    encoder = HashingEncoder(128)
    return find(
        question,
        Query(text=question),
        hits,
        reader=ScriptedReader(told),
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


def test_what_the_next_sentence_takes_back_is_not_given() -> None:
    hits = make_hits("Some 12 people died in the flood. That figure was wrong.")
    assert found("How many people died in the flood?", hits, {"12": 12.0}).exact == ()
    hits = make_hits("Some 12 people died in the flood. That figure was new.")
    assert found("How many people died in the flood?", hits, {"12": 12.0}).exact == ("12",)


def test_the_sentence_of_the_best_exact_answer_is_always_looked_at() -> None:
    like = [
        f"The rescue was led from town hall {n}, the paper on the rescue that was led said."
        for n in range(2 * evidence.MAX_ENCODED_READ)
    ]
    hits = make_hits(" ".join(like), "Ada Quill.", "It was Ada Quill in the end.")
    finding = found(WHO, hits, {"Ada Quill": 14.0})
    assert len(finding.candidates) == evidence.MAX_ENCODED_READ
    assert "Ada Quill" in finding.candidates[0].evidence.text
