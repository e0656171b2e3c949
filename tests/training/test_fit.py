"""What weights are fitted to, and the fitting."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import newsqa
from newsqa.evaluation import holds
from newsqa.retrieval import understand
from newsqa.synthesis import pooling
from newsqa.synthesis.logistic import Logistic
from newsqa.synthesis.reader import load_reader
from newsqa.synthesis.reading import LEAST, Reader
from training.cases import READ, Case, Collector, in_order, told_once
from training.fit import kinds_of, learnt_of
from training.logit import logistic, ranking

NAMES = {"tells": 0.0, "chance": 0.0}
ROW: dict[str, Any] = {
    "id": "q1",
    "question": "Who opened the bridge over the Lune?",
    "choices": ["Ada Quill", "Bert Crane"],
    "answer": [0],
    "gold": ["Ada Quill"],
}


def test_weights_follow_what_tells_and_not_what_is_chance(
    capsys: pytest.CaptureFixture[str],
) -> None:
    chance = np.random.default_rng(0)
    x = chance.normal(size=(400, 2))
    y = (x[:, 0] + 0.3 * chance.normal(size=400) > 0.5).astype(int)
    fitted, predicted = logistic("trial", NAMES, x.tolist(), y.tolist(), list(range(400)))
    assert list(fitted.weights) == list(NAMES)
    assert fitted.weights["tells"] > 5 * abs(fitted.weights["chance"])
    assert fitted.bias < 0
    assert ((predicted > 0) == y).mean() > 0.9
    # What is printed is pasted into the code.
    assert f'"tells": {fitted.weights["tells"]},' in capsys.readouterr().out


def test_no_row_is_predicted_by_weights_that_saw_its_group() -> None:
    """A feature of one group alone: those who saw the group know its label, others can't."""
    groups = [at // 2 for at in range(40)]
    labels = [at % 2 for at in groups]
    rows = [[float(group == own) for group in range(20)] for own in groups]
    names = {str(group): 0.0 for group in range(20)}
    fitted, predicted = logistic("trial", names, rows, labels, groups)
    seen = np.array([fitted.log_odds(row) for row in rows])
    assert ((seen > 0) == np.array(labels)).all()
    assert np.ptp(np.abs(predicted)) < 0.6
    assert ((predicted > 0) == np.array(labels)).mean() <= 0.5


def test_a_ranking_puts_the_right_row_before_the_others_of_its_set() -> None:
    chance = np.random.default_rng(0)
    rows, labels, sets = [], [], []
    for at in range(120):
        level = chance.normal() * 5  # of the whole set, which tells nothing within it
        tells = chance.normal(size=4)
        rows += [[value + level, float(chance.normal())] for value in tells]
        labels += [int(value == tells.max() and at % 4 > 0) for value in tells]
        sets += [at] * 4
    fitted, predicted = ranking("trial", NAMES, rows, labels, sets, sets)
    assert fitted.weights["tells"] > 5 * abs(fitted.weights["chance"])
    best = [np.argmax(predicted[np.array(sets) == at]) for at in range(120)]
    right = [labels[4 * at + best[at]] for at in range(120) if at % 4]
    assert np.mean(right) > 0.9


def test_what_speaks_for_a_row_never_counts_against_it() -> None:
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(200, 2)).tolist()
    labels, sets = [], [at // 4 for at in range(200)]
    for at in range(50):
        least = min(row[0] for row in rows[4 * at : 4 * at + 4])
        labels += [int(row[0] == least) for row in rows[4 * at : 4 * at + 4]]
    free, _ = ranking("trial", NAMES, rows, labels, sets, sets)
    held, _ = ranking("trial", NAMES, rows, labels, sets, sets, for_it=["tells"])
    assert free.weights["tells"] < -1
    assert held.weights["tells"] == 0.0


@pytest.mark.parametrize("method", [logistic, ranking])
def test_rows_that_are_not_learnt_from_are_predicted_all_the_same(method: Any) -> None:
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(200, 2))
    labels = (rows[:, 0] > 0.4).astype(int)
    learnt = np.arange(200) % 8 < 4  # the first of each pair of sets
    labels[~learnt] = 1 - labels[~learnt]  # what is not learnt from says the opposite
    sets = [at // 4 for at in range(200)]
    of = [sets] if method is ranking else []
    whole, predicted = method("trial", NAMES, rows, labels, sets, *of, learnt=learnt)
    other = [[part for part, own in zip(sets, learnt, strict=True) if own]] * len(of)
    half, _ = method("trial", NAMES, rows[learnt], labels[learnt], np.array(sets)[learnt], *other)
    assert whole.weights == pytest.approx(half.weights, abs=0.01)
    assert whole.weights["tells"] > 1
    assert ((predicted > predicted.mean()) == labels)[learnt].mean() > 0.7
    assert ((predicted > predicted.mean()) == labels)[~learnt].mean() < 0.3


@pytest.fixture(scope="module")
def reader() -> Reader:
    found = load_reader()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, reader: Reader) -> tuple[Case, Case]:
    index = tmp_path_factory.mktemp("asked") / "index"
    texts = [
        "The new bridge over the Lune was opened by Mayor Ada Quill on Monday.",
        *(f"Councillor Number{n} opened stall {n} near the Lune bridge." for n in range(20)),
        *(f"Bert Crane sold {n} boats in Harrow." for n in range(5)),
    ]
    rows = [
        {
            "url": f"https://example.org/{n}",
            "title": f"Report {n}",
            "text": f"{text} It was report {n}.",
            "published": "2022-06-01" if "Number19" in text else "2022-03-01",
        }
        for n, text in enumerate(texts)
    ]
    newsqa.build(rows, index=index)
    return Collector(index, reader).both(ROW, as_of="2022-03-04")


def test_each_question_is_kept_with_and_without_what_answers_it(both: tuple[Case, Case]) -> None:
    own, without = both
    assert own.answerable
    assert not without.answerable
    assert any(holds(hit.passage.text, ROW["gold"]) for hit in own.hits)
    assert not any(holds(hit.passage.text, ROW["gold"]) for hit in without.hits)
    for case in both:
        assert len(case.hits) == len(case.readings) == READ
        assert [hit.rank for hit in case.hits] == list(range(1, READ + 1))
        assert not any("Number19" in hit.passage.text for hit in case.hits)  # is of later


def test_readings_are_those_of_their_passages(both: tuple[Case, Case], reader: Reader) -> None:
    for case in both:
        texts = [(hit.article.title or "", hit.passage.text) for hit in case.hits[:3]]
        read = reader.read(ROW["question"], texts)
        for kept, own, (_, text) in zip(case.readings[:3], read, texts, strict=True):
            assert kept.relevance == pytest.approx(own.relevance, abs=0.1)
            assert [len(part.offsets) for part in kept.parts] == [
                len(part.offsets) for part in own.parts
            ]
            assert kept.parts[-1].offsets[-1][1] == len(text)


def test_what_only_a_choice_finds_is_read_too(both: tuple[Case, Case]) -> None:
    own, without = both
    known = {hit.passage.id for hit in own.hits}
    assert any("Bert Crane" in hit.passage.text for hit in own.choice_hits)
    assert known.isdisjoint(hit.passage.id for hit in own.choice_hits)
    assert len(own.choice_readings) == len(own.choice_hits)
    assert len(own.meaning) == len(ROW["choices"])
    assert without.choice_hits == ()


def test_a_kept_case_answers_as_it_did(both: tuple[Case, Case]) -> None:
    own = in_order(both[0])
    again = pickle.loads(pickle.dumps(own))
    assert own.answers()
    assert again.answers() == own.answers()
    assert sorted(own.searched) == list(range(1, READ + 1))


def test_a_case_reads_its_sentences_beside_each_other_where_it_has_a_reader(
    both: tuple[Case, Case], reader: Reader
) -> None:
    own = in_order(both[0])
    read = replace(own, reader=reader)
    at = list(pooling.RIGHT.weights).index("beside")
    alone, beside = ({a.key: a.features for a in case.answers()} for case in (own, read))
    assert alone.keys() == beside.keys()
    assert {features[at] for features in alone.values()} == {math.log(LEAST)}
    assert max(features[at] for features in beside.values()) > math.log(0.1)
    assert all(alone[key][:at] == features[:at] for key, features in beside.items())
    assert pickle.loads(pickle.dumps(read)).reader is None


def test_what_has_no_gold_string_can_not_be_answered(reader: Reader, told_twice: Path) -> None:
    row = {**ROW, "gold": [], "choices": [], "answer": []}
    own, without = Collector(told_twice, reader).both(row, as_of=None)
    assert not own.answerable
    assert [hit.passage.id for hit in own.hits] == [hit.passage.id for hit in without.hits]
    assert (own.choice_hits, own.meaning) == ((), ())


def test_newer_news_counts_by_how_a_case_was_asked(both: tuple[Case, Case]) -> None:
    own, before = both[0], datetime(2021, 1, 1, tzinfo=UTC)
    aged = [
        replace(hit, article=replace(hit.article, published=before)) if at % 2 else hit
        for at, hit in enumerate(own.hits)
    ]
    at = list(pooling.RIGHT.weights).index("newness")
    for as_of, least in (("2022-06-30", 0.0), (None, 1 - pooling.OF_NO_TIME)):
        query = understand(ROW["question"], as_of=as_of)
        answers = replace(own, query=query, hits=tuple(aged)).answers()
        assert min(answer.features[at] for answer in answers) == pytest.approx(least, abs=0.01)


@pytest.mark.parametrize(("once", "small"), [(1, 1), (3, 2)])
def test_of_how_many_questions_of_each_kind_is_learnt(
    both: tuple[Case, Case], once: int, small: int
) -> None:
    def asked(*ids: str) -> list[Case]:
        return [replace(both[0], row={**ROW, "id": id_}) for id_ in ids]

    given = asked(*"abcd"), asked(*"abcd"), asked(*"bcdefgh"), asked(*"uuvwwxx")
    cases, kinds = kinds_of(*given)
    learnt = learnt_of(cases, kinds, once=once, small=small)
    taken = {
        kind: "".join(case.row["id"] for case, of, own in zip(cases, kinds, learnt, strict=True)
                      if own and of == kind)
        for kind in ("own", "without", "once", "small")
    }  # fmt: skip
    assert taken == {
        "own": "abcd",
        "without": "abcd",
        "once": "bcdefgh"[::once],
        # All cases of a question, or none.
        "small": "uuvwwxx" if small == 1 else "uuww",
    }


def test_told_once_only_one_passage_has_a_gold_string(both: tuple[Case, Case]) -> None:
    own, without = both
    found = next(n for n, hit in enumerate(own.hits) if holds(hit.passage.text, ROW["gold"]))
    gold = own.hits[found], own.readings[found]
    plain = list(zip(without.hits, without.readings, strict=True))
    for at in (0, 3, READ - 2):
        asked = [*plain[:at], gold, gold, *plain[at:]][:READ]
        told = replace(
            own,
            hits=tuple(replace(hit, rank=n) for n, (hit, _) in enumerate(asked, start=1)),
            readings=tuple(reading for _, reading in asked),
        )
        once = told_once(told, without)
        assert once is not None
        expected = [*plain[:at], gold, *plain[at:]][:READ]
        assert [hit.passage.id for hit in once.hits] == [hit.passage.id for hit, _ in expected]
        assert all(a is b for a, (_, b) in zip(once.readings, expected, strict=True))
        assert [hit.rank for hit in once.hits] == list(range(1, READ + 1))
        assert once.answerable
        assert (once.choice_hits, once.choice_readings, once.meaning) == ((), (), ())
    assert told_once(own, without) is None  # is told once as it is
    assert told_once(replace(own, row={**ROW, "gold": ["Nobody"]}), without) is None


def test_the_first_passages_are_told_apart_from_the_others(both: tuple[Case, Case]) -> None:
    few = in_order(both[0]).first(4)
    assert len(few.hits) == len(few.readings) == len(few.searched) == 4
    assert all(place.hit < 4 for answer in few.answers() for place in answer.places)


def test_answers_follow_the_weights_as_they_are(
    both: tuple[Case, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = in_order(both[0])
    before = own.answers()
    away = {name: -weight for name, weight in pooling.RIGHT.weights.items()}
    monkeypatch.setattr(pooling, "RIGHT", Logistic(bias=-pooling.RIGHT.bias, weights=away))
    after = own.answers()
    assert {answer.key: -answer.score for answer in after} == pytest.approx(
        {answer.key: answer.score for answer in before}
    )
    assert after[0].key == before[-1].key
