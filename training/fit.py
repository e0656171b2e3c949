"""Fits everything that weighs what the reader and the search say: `python -m training.fit`.

On questions of the quiz that the reader was not trained on (each third week of a year that it was
trained on, any of another year), asked of the whole year's archive as of their week.  In order:
which passage holds the answer, which exact answer is right, which sentence answers, how sure the
whole is, and, of given choices, which is supported best and how sure that is.

For the exact answers and the confidence every question is asked twice, the second time of what the
search finds when all passages with a gold string are taken away, which makes it unanswerable by
construction.  Questions of one year are asked of another's archive too (`--other`), which knows
little of their time.  A third time, for figures and in part for those weights, all such passages
but the first are taken away: a small archive tells most things once, and weights that lean on how
many passages of a quiz's news mention an answer choose worse there, and are less sure than they
should be.  For the same reason questions of the reading data that the reader was not trained on are
asked of a small archive of their passages (`small.py`), of no time, with and without what answers.

Figures are of cross-validation by question (5 folds); the weights printed are of all the data
and go into newsqa/synthesis by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

import newsqa
from newsqa.config import DEFAULT_LIMIT
from newsqa.config import Reading as ReadingSettings
from newsqa.embedding import Encoder, load_encoder
from newsqa.evaluation import calibration_error, exact_match, f1, holds
from newsqa.synthesis import (
    choosing,
    comparing,
    compose,
    confidence,
    evidence,
    finding,
    leading,
    pooling,
    reordering,
    spans,
)
from newsqa.synthesis.evidence import Encode, Vectors
from newsqa.synthesis.logistic import Logistic
from newsqa.synthesis.reader import BUNDLED_READER, BUNDLED_WEIGHTS, load_reader
from newsqa.synthesis.reading import Reader
from training import small as small_archive
from training.cases import READ, Case, Collector, in_order, told_once
from training.logit import FOLDS, logistic, ranking
from training.news import read_lines, weeks_for_training
from training.rows import as_examples, read_rows

OF_SINGLE = 3
"""Of the questions that one passage tells, one in so many is learnt from for the exact answers."""
OF_SINGLE_SURE = 2
"""The same for how sure the whole is."""
OF_SMALL = 2
"""Of the questions asked of a small archive."""
SMALL_BESIDE = "2022"
"""The year whose news stand in it."""
OF_ANOTHER = 3
"""Of a year's questions one in so many is asked of another year's archive."""


def main() -> None:
    """Collect, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument(
        "--news",
        nargs=2,
        action="append",
        default=[],
        metavar=("YEAR", "INDEX"),
        help="a year's questions and the index of its archive: each third week; repeatable",
    )
    parser.add_argument(
        "--unread",
        nargs=3,
        action="append",
        default=[],
        metavar=("YEAR", "INDEX", "N"),
        help="the same of a year that the reader was not trained on: its first N questions",
    )
    parser.add_argument(
        "--other",
        nargs=3,
        action="append",
        default=[],
        metavar=("YEAR", "INDEX", "N"),
        help=f"one in {OF_ANOTHER} of the first N questions of a year, asked of another's archive",
    )
    parser.add_argument("--reader", default=ReadingSettings().model)
    parser.add_argument("--cases", type=Path, required=True, help="where what was read is kept")
    parser.add_argument("--limit", type=int, default=DEFAULT_LIMIT, help="passages of an answer")
    options = parser.parse_args()
    reader = load_reader(ReadingSettings(model=options.reader))
    if reader is None:
        parser.error("--reader none: what reads nothing has no weights that stand on it")
    if options.cases.exists():
        read_by, *kept = pickle.loads(options.cases.read_bytes())  # our own file
        if read_by != weights_of(options.reader):
            parser.error(f"{options.cases} was read by another reader: name another file")
        cases, gone, other, small = kept
    else:
        cases, gone, other = [], [], []
        for index, rows in asked_of(options):
            collector = Collector(index, reader)
            for row in rows:
                own, without = collector.both(row, as_of=row["week"])
                cases.append(own)
                gone.append(without)
        for year, index, first in options.other:
            collector = Collector(Path(index), reader)
            rows = questions_of(options, year)[: int(first) : OF_ANOTHER]
            found = [collector.both(row, as_of=row["week"])[0] for row in rows]
            other += [replace(case, answerable=False) for case in found]
        small = asked_of_a_small_one(options, reader)
        kept = weights_of(options.reader), cases, gone, other, small
        options.cases.write_bytes(pickle.dumps(kept))
    fit(cases, gone, other, small, limit=options.limit, reader=reader)


def asked_of(options: argparse.Namespace) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Each index with the questions that it is asked."""
    for year, index in options.news:
        rows = questions_of(options, year)
        trained = weeks_for_training(rows)
        yield Path(index), [row for row in rows if row["week"] not in trained]
    for year, index, first in options.unread:
        yield Path(index), questions_of(options, year)[: int(first)]


def asked_of_a_small_one(options: argparse.Namespace, reader: Reader) -> list[Case]:
    """What is asked of a small archive, each answerable question without what answers it too."""
    rows = as_examples(read_rows(options.data / "reader" / "dev.jsonl.xz"))
    news = read_lines(options.data / "realtimeqa" / SMALL_BESIDE / "articles.jsonl.xz")
    with TemporaryDirectory() as folder:
        newsqa.build(list(small_archive.articles(rows, news, seed=0)), index=folder)
        collector = Collector(Path(folder), reader)
        asked = [collector.both(row, as_of=None) for row in small_archive.questions(rows, seed=0)]
    return [case for own, gone in asked for case in ((own, gone) if own.answerable else (own,))]


def questions_of(options: argparse.Namespace, year: str) -> list[dict[str, Any]]:
    """A year's questions, in order."""
    return read_lines(options.data / "realtimeqa" / year / "questions.jsonl.xz")


def weights_of(reader: str) -> str:
    """What tells a reader's weights: their digest, or the name of a model that isn't a file."""
    file = BUNDLED_WEIGHTS if reader == BUNDLED_READER else Path(reader)
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else reader


def fit(
    cases: Sequence[Case],
    gone: Sequence[Case],
    other: Sequence[Case],
    small: Sequence[Case],
    *,
    limit: int,
    reader: Reader,
) -> None:
    """Everything in order; each step stands on the weights that the one before came to."""
    cut, without, foreign, few = (
        [case.first(limit) for case in each] for each in (cases, gone, other, small)
    )
    told = [told_once(own, none) for own, none in zip(cut, without, strict=True)]
    single = [case for case in told if case is not None]
    print(f"{len(cases)} questions, {limit} passages read; {len(single)} told of but once as well")
    reordering.ANSWERS = fit_order(cut)
    cut, without, single, foreign, few = (
        [replace(in_order(case), reader=reader) for case in each if case.hits]
        for each in (cut, without, single, foreign, few)
    )
    pooling.RIGHT = fit_exact(cut, without, single, few)
    encode = each_once(load_encoder())
    evidence.BY_READER = fit_sentences(cut, encode)
    confidence.BY_READER = fit_confidence(cut, [*without, *foreign], single, few, encode)
    asked = [replace(case, reader=reader) for case in cases]
    supports = [supported(case) for case in asked]
    choosing.SUPPORT = fit_support(asked, supports)
    choosing.RIGHT = fit_choice(asked, supports)


def each_once(encoder: Encoder) -> Encode:
    """Encodes no text twice: a question's sentences are much the same in each of its cases."""
    known: dict[str, Vectors] = {}

    def encode(texts: Sequence[str]) -> Vectors:
        new = list(dict.fromkeys(text for text in texts if text not in known))
        if new:
            known.update(zip(new, encoder.encode(new), strict=True))
        return np.stack([known[text] for text in texts])

    return encode


def fit_order(cases: Sequence[Case]) -> Logistic:
    """Does a passage hold the answer?"""
    rows, labels, groups, ranks = [], [], [], []
    for group, case in enumerate(cases):
        for hit, reading in zip(case.hits, case.readings, strict=True):
            rows.append(reordering.features(hit, reading, case.readings))
            labels.append(holds(hit.passage.text, case.row["gold"]))
            groups.append(group)
            ranks.append(hit.rank)
    fitted, predicted = logistic("passages", reordering.ANSWERS.weights, rows, labels, groups)
    y, g = np.array(labels), np.array(groups)
    for name, scores in (("search", -np.array(ranks)), ("read", predicted)):
        first = [y[g == i][np.argsort(-scores[g == i], kind="stable")] for i in np.unique(g)]
        at = [100 * np.mean([f[:k].any() for f in first]) for k in (1, 3, 5)]
        print(f"  answer@1/3/5 by {name}: {at[0]:.1f} {at[1]:.1f} {at[2]:.1f}")
    return fitted


def fit_exact(
    cases: Sequence[Case], without: Sequence[Case], single: Sequence[Case], small: Sequence[Case]
) -> Logistic:
    """Is an exact answer the right one?

    None is `without` the passages that have one.  Of what is told in a `single` passage one in
    `OF_SINGLE` is learnt from: from all of it the weights would learn that what is right is told
    but once, from none that it is told often, as only a quiz's news is.  Of the questions asked of
    a `small` archive one in `OF_SMALL`.
    """
    asked, kinds = kinds_of(cases, without, single, small)
    learnt = learnt_of(asked, kinds, once=OF_SINGLE, small=OF_SMALL)
    rows: list[tuple[float, ...]] = []
    texts: list[str] = []
    labels, groups, places = [], [], []
    questions = {id_: at for at, id_ in enumerate(dict.fromkeys(c.row["id"] for c in asked))}
    for at, case in enumerate(asked):
        gold = case.row["gold"]
        for answer in case.answers():
            right = exact_match(answer.text, gold) or answer.key in map(spans.key_of, gold)
            rows.append(answer.features)
            labels.append(case.answerable and bool(right))
            groups.append(questions[case.row["id"]])
            texts.append(answer.text)
            places.append(at)
    fitted, predicted = ranking(
        "exact answers",
        pooling.RIGHT.weights,
        rows,
        labels,
        groups,
        places,
        learnt=[learnt[at] for at in places],
        for_it=FOR_IT,
    )
    of, right = np.array(places), np.array(labels)
    for name, scores in (("reader alone", np.array(rows)[:, 0]), ("fitted", predicted)):
        best = [
            sorted(np.flatnonzero(of == at), key=lambda i: -scores[i]) for at in range(len(asked))
        ]
        for kind in ("own", "once", "small"):
            some = [
                ([texts[i] for i in best[at][:5]] or [""], asked[at].row["gold"])
                for at in np.flatnonzero(kinds == kind)
                if asked[at].answerable
            ]
            em = np.mean([exact_match(said[0], gold) for said, gold in some])
            overlap = np.mean([f1(said[0], gold) for said, gold in some])
            among = np.mean([max(exact_match(text, gold) for text in said) for said, gold in some])
            print(
                f"  {name}, {kind}: EM {100 * em:.1f}, F1 {100 * overlap:.1f}, "
                f"right among the first five {100 * among:.1f}"
            )
    firsts = [each[0] for each in best if each]
    sure, kinds = 1 / (1 + np.exp(-predicted[firsts])), kinds[of[firsts]]
    for least in (0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1):
        low = sure < least
        told = (
            f"{kind} {some.sum()}, right {right[firsts][some].sum()}"
            for kind in ("own", "without", "once", "small")
            for some in [low & (kinds == kind)]
        )
        print(f"  best under {least:.3f}: {'; '.join(told)}")
    return fitted


def kinds_of(
    cases: Sequence[Case], without: Sequence[Case], single: Sequence[Case], small: Sequence[Case]
) -> tuple[list[Case], np.ndarray]:
    """All of them, and of which kind each is."""
    names = ["own", "without", "once", "small"]
    counts = [len(cases), len(without), len(single), len(small)]
    return [*cases, *without, *single, *small], np.repeat(names, counts)


def learnt_of(asked: Sequence[Case], kinds: np.ndarray, *, once: int, small: int) -> np.ndarray:
    """Which cases are learnt from: of one question in so many of a kind, all of the others."""
    learnt = np.ones(len(kinds), dtype=bool)
    for kind, each in (("once", once), ("small", small)):
        places = np.flatnonzero(kinds == kind)
        order = {
            id_: at for at, id_ in enumerate(dict.fromkeys(asked[n].row["id"] for n in places))
        }
        learnt[places] = [order[asked[n].row["id"]] % each == 0 for n in places]
    return learnt


FOR_IT = ("apart",)
"""Of an exact answer, what never counts against it, though beside `chance` it may seem to: that it
is likelier than others."""
IN_EXACT = ("cosine", "coverage", "context")
"""Features of a sentence that its exact answer counts already: beside it their fitted weights turn
negative, so that they would count against a sentence in which nothing was read."""


def fit_sentences(cases: Sequence[Case], encode: Encode) -> Logistic:
    """Does a sentence hold a gold string?"""
    rows, labels, groups = [], [], []
    for group, case in enumerate(cases):
        for candidate in selected(case, encode):
            named = zip(evidence.BY_READER.weights, candidate.features, strict=True)
            rows.append([0.0 if name in IN_EXACT else value for name, value in named])
            labels.append(holds(candidate.evidence.text, case.row["gold"]))
            groups.append(group)
    fitted, predicted = logistic("sentences", evidence.BY_READER.weights, rows, labels, groups)
    y, g = np.array(labels), np.array(groups)
    tops = [y[g == i][np.argmax(predicted[g == i])] for i in np.unique(g)]
    print(f"  best sentence right {100 * np.mean(tops):.1f}")
    return fitted


def selected(case: Case, encode: Encode) -> tuple[evidence.Candidate, ...]:
    """The sentences of a case, by the weights as they are now."""
    return evidence.select(
        case.query,
        case.hits,
        case.readings,
        case.answers(),
        vector=case.vector,
        encode=encode,
        words=case.words,
    )


def fit_confidence(
    cases: Sequence[Case],
    without: Sequence[Case],
    single: Sequence[Case],
    small: Sequence[Case],
    encode: Encode,
) -> Logistic:
    """Does the composed answer hold a gold string?

    Of what is told in a `single` passage one in `OF_SINGLE_SURE` is learnt from: of all of it, all
    of which can be answered, too much would be believed.  Of the questions asked of a `small`
    archive one in `OF_SMALL`.
    """
    asked, kinds = kinds_of(cases, without, single, small)
    rows, labels, groups, kept, learnt = [], [], [], [], []
    ids = {case.row["id"]: at for at, case in enumerate(asked)}
    own_share = learnt_of(asked, kinds, once=OF_SINGLE_SURE, small=OF_SMALL)
    for kind, case, learns in zip(kinds, asked, own_share, strict=True):
        candidates = selected(case, encode)
        if not candidates:
            continue
        answers = case.answers()
        leads = leading.holding(finding.likely(answers)[:1], case.hits, candidates)
        candidates = leading.led_by(leads, candidates)
        composition = compose.compose(
            candidates,
            case.hits,
            max_sentences=confidence.SENTENCES,
            least=compose.FOLLOWS_AT_LEAST,
        )
        rows.append(
            confidence.features_read(
                case.query,
                candidates,
                answers,
                case.read,
                case.words,
                quotes=len(composition.citations),
            )
        )
        labels.append(holds(composition.text, case.row["gold"]))
        groups.append(ids[case.row["id"]])
        kept.append(kind)
        learnt.append(learns)
    fitted, predicted = logistic(
        "confidence",
        confidence.BY_READER.weights,
        rows,
        labels,
        groups,
        learnt=learnt,
    )
    y, of = np.array(labels, dtype=float), np.array(kept)
    own, gone, once, few = (of == kind for kind in ("own", "without", "once", "small"))
    sure = 1 / (1 + np.exp(-predicted))
    told = ", ".join(f"{name} {y[some].mean():.3f}" for name, some in
                     (("own", own), ("told once", once), ("small", few)))  # fmt: skip
    print(f"  right: {told}")
    both = own | gone
    print(f"  AUROC as they are / passages taken away: {roc_auc_score(own[both], sure[both]):.3f}")
    print(f"  AUROC right / wrong, small: {roc_auc_score(y[few], sure[few]):.3f}")
    for name, some in (
        ("all", both),
        ("own", own),
        ("without", gone),
        ("once", once),
        ("small", few),
    ):
        print(f"  expected calibration error, {name}: {calibration_error(sure[some], y[some]):.3f}")
    for threshold in (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        shown = sure >= threshold
        if (shown & own).any():
            print(
                f"  from {threshold:.2f}: answered {shown[own].mean():.3f} / "
                f"{shown[gone].mean():.3f} / {shown[once].mean():.3f} once / "
                f"{shown[few].mean():.3f} small; "
                f"wrong {1 - y[shown & both].mean():.3f}, of own {1 - y[shown & own].mean():.3f}, "
                f"once {1 - y[shown & once].mean():.3f}, small {1 - y[shown & few].mean():.3f}"
            )
    return fitted


def supported(case: Case) -> list[choosing.Support]:
    """What speaks for each choice of a case."""
    extra = [replace(hit, rank=READ + at) for at, hit in enumerate(case.choice_hits, start=1)]
    read = [
        reordering.ReadHit(hit=hit, reading=reading, searched=hit.rank)
        for hit, reading in [
            *zip(case.hits, case.readings, strict=True),
            *zip(extra, case.choice_readings, strict=True),
        ]
    ]
    if not read:
        return []
    asked, reader = case.row["question"], case.reader
    return choosing.supports(
        asked,
        case.row["choices"],
        read,
        case.meaning,
        case.words,
        read_again=None if reader is None else comparing.reading_again(asked, reader),
    )


def fit_support(cases: Sequence[Case], supports: Sequence[list[choosing.Support]]) -> Logistic:
    """How much more is the right choice supported than another?"""
    rows, labels, groups = [], [], []
    for group, (case, support) in enumerate(zip(cases, supports, strict=True)):
        sign = -1.0 if choosing.NEGATED.search(case.row["question"]) else 1.0
        for right in case.row["answer"]:
            for at, other in enumerate(support):
                if at not in case.row["answer"]:
                    gap = sign * (np.array(support[right].features) - np.array(other.features))
                    rows += [gap, -gap]
                    labels += [1, 0]
                    groups += [group, group]
    fitted, _ = logistic(
        "choices", choosing.SUPPORT.weights, rows, labels, groups, intercept=False, c=0.3
    )
    x, y, g = np.array(rows), np.array(labels), np.array(groups)
    for name, model in (("before", None), ("fitted, cross-validated", object())):
        right = np.zeros(len(cases))
        for train, test in GroupKFold(FOLDS).split(x, y, g):
            if model is None:
                scorer = choosing.SUPPORT
            else:
                scale = x.std(0) + 1e-9
                own = LogisticRegression(C=0.3, fit_intercept=False).fit(x[train] / scale, y[train])
                scorer = Logistic(
                    bias=0.0,
                    weights=dict(zip(choosing.SUPPORT.weights, own.coef_[0] / scale, strict=True)),
                )
            for at in np.unique(g[test]):
                case, support = cases[at], supports[at]
                sign = -1.0 if choosing.NEGATED.search(case.row["question"]) else 1.0
                scores = [sign * scorer.log_odds(s.features) for s in support]
                right[at] = int(np.argmax(scores)) in case.row["answer"]
        print(f"  right choice, {name}: {100 * right.mean():.1f}")
    return fitted


def fit_choice(cases: Sequence[Case], supports: Sequence[list[choosing.Support]]) -> Logistic:
    """Is the best supported choice right?

    With the right one among them, without it, and of one choice alone.
    """
    rows, labels, groups, sets = [], [], [], []
    for group, (case, as_read) in enumerate(zip(cases, supports, strict=True)):
        sign = -1.0 if choosing.NEGATED.search(case.row["question"]) else 1.0
        support = [
            replace(each, score=sign * choosing.SUPPORT.log_odds(each.features)) for each in as_read
        ]
        right = set(case.row["answer"])
        wrong = [at for at in range(len(support)) if at not in right]
        for name, left in (
            ("whole", list(range(len(support)))),
            ("less", wrong),
            ("right alone", sorted(right)[:1]),
            ("wrong alone", wrong[:1]),
        ):
            if left and support:
                found = [support[at] for at in left]
                best = max(range(len(left)), key=lambda at: found[at].score)
                rows.append(choosing.certainty(found, best))
                labels.append(left[best] in right)
                groups.append(group)
                sets.append(name)
    fitted, predicted = logistic("choice right", choosing.RIGHT.weights, rows, labels, groups)
    sure, y = 1 / (1 + np.exp(-predicted)), np.array(labels, dtype=float)
    whole, less = np.array(sets) == "whole", np.array(sets) == "less"
    for threshold in (0.0, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6):
        shown = sure >= threshold
        print(
            f"  from {threshold:.2f}: right {y[whole & shown].sum() / whole.sum():.3f} of those "
            f"with the right one; none for {1 - shown[less].mean():.3f} of those without"
        )
    return fitted


if __name__ == "__main__":
    main()
