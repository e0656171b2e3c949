"""Which articles print one story: precision and recall on labelled pairs of 2022's articles.

    python benchmarks/stories.py --index indexes/realtimeqa-2022
    python benchmarks/stories.py --index indexes/realtimeqa-2022 --cross-validate

`story_pairs.json` has 310 pairs of articles by address, drawn by strata of containment (the share
of the shorter text's shingles that stand in the other) from all pairs that have 0.03 or more; how
many there are in each stratum stands with them.  Each was read and labelled once: "copy" where one
text is the other or an edited form of it, not where two texts only share their subject, a quote,
a background paragraph, a template or page furniture, nor two instalments of a series; "unsure"
where one could have said otherwise.  Since copies and what looks like them are drawn far more often
than other pairs, figures are of this sample, not of an archive; "weighted" counts each pair as many
times as its stratum is larger than its sample.

`pairs` is what the signatures find and the comparison accepts, `stories` the groups made of it.
The index is only read, and need not have pairs of its own.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from newsqa.articles.copies import CONTAINED_FROM, JACCARD_FROM, shares, shingles, signature
from newsqa.indexing import Index
from newsqa.indexing.pairs import CROWD
from newsqa.indexing.stories import Pairs
from newsqa.types import Article

LABELS = Path(__file__).with_name("story_pairs.json")
GRID = [(c / 20, j / 20) for c in range(8, 17) for j in range(3, 11)]
"""Thresholds of containment and Jaccard that cross-validation chooses from."""
FOLDS = 5
RESAMPLES = 5000

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def main() -> None:
    """Measure the rule as it is; also choose its thresholds on parts, where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("indexes/realtimeqa-2022"))
    parser.add_argument("--cross-validate", action="store_true")
    options = parser.parse_args()
    if not (options.index / "newsqa.db").exists():
        print(f"skipped: there is no index in {options.index}")
        return
    index = Index.open(options.index)
    archive = Archive.of(list(index.articles()))
    index.close()
    sample = Sample.read(archive)
    if sample is None:
        print(f"skipped: {options.index} does not hold the articles of {LABELS.name}")
        return
    chosen = (CONTAINED_FROM, JACCARD_FROM)
    pairs = archive.pairs(*chosen)
    stories = archive.stories(pairs)
    print(f"{len(archive.articles)} articles, {len(archive.candidates)} candidates")
    print(f"{len(pairs)} pairs, {len(set(stories.values()))} stories of {len(stories)} articles")
    print(f"{len(sample.copy)} labelled, {sample.copy.sum()} copies, {sample.unsure.sum()} unsure")
    for name, found in (("pairs", sample.in_pairs(pairs)), ("stories", sample.in_one(stories))):
        for which, kept in (
            ("all", np.ones_like(sample.unsure)),
            ("without unsure", ~sample.unsure),
        ):
            report(f"{name}, {which}", found, sample, kept)
    if options.cross_validate:
        cross_validate(archive, sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Articles, and what candidates of them share, by places."""

    articles: Sequence[Article]
    candidates: dict[tuple[int, int], tuple[float, float]]

    @classmethod
    def of(cls, articles: Sequence[Article]) -> Archive:
        """Sign every article and compare those that have a key in common."""
        of = [shingles(article.text) for article in articles]
        having: dict[int, list[int]] = defaultdict(list)
        for at, own in enumerate(of):
            for key in signature(own):
                having[key].append(at)
        near = {
            pair for row in having.values() if len(row) <= CROWD for pair in combinations(row, 2)
        }
        return cls(articles=articles, candidates={(a, b): shares(of[a], of[b]) for a, b in near})

    def pairs(self, contained: float, jaccard: float) -> set[tuple[int, int]]:
        """The candidates that share at least so much."""
        shared = self.candidates.items()
        return {pair for pair, (c, j) in shared if c >= contained and j >= jaccard}

    def stories(self, pairs: set[tuple[int, int]]) -> dict[int, int]:
        """The first article of its story, by article: those that have copies."""
        known = Pairs.of([(a, b, self._retitled(a, b)) for a, b in sorted(pairs)])
        everything = np.ones(len(self.articles), dtype=np.bool_)
        groups = known.groups({at for pair in pairs for at in pair}, everything)
        return {at: min(at, *group) for at, group in groups.items() if group}

    def _retitled(self, one: int, other: int) -> bool:
        a, b = self.articles[one], self.articles[other]
        same = a.source is not None and b.source is not None
        return same and a.source.casefold() == b.source.casefold() and a.title != b.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The labelled pairs, by places in an archive: `(n,)` each."""

    places: list[tuple[int, int]]
    copy: Bools
    unsure: Bools
    weight: Floats

    @classmethod
    def read(cls, archive: Archive) -> Sample | None:
        """From the file; None where the archive lacks any of their articles."""
        data = json.loads(LABELS.read_text())
        place = {article.url: at for at, article in enumerate(archive.articles)}
        if not {url for row in data["pairs"] for url in row["urls"]} <= place.keys():
            return None
        places = [tuple(sorted(place[url] for url in row["urls"])) for row in data["pairs"]]
        texts = {at: shingles(archive.articles[at].text) for pair in places for at in pair}
        containment = [shares(texts[a], texts[b])[0] for a, b in places]
        edges = [low for low, _, _ in data["strata"]]
        stratum = np.searchsorted(edges, containment, side="right") - 1
        size = np.array([count for _, _, count in data["strata"]])
        return cls(
            places=places,
            copy=np.array([row["copy"] for row in data["pairs"]]),
            unsure=np.array([row["unsure"] for row in data["pairs"]]),
            weight=(size / np.bincount(stratum, minlength=len(size)))[stratum],
        )

    def in_pairs(self, pairs: set[tuple[int, int]]) -> Bools:
        """Which of them are among pairs."""
        return np.array([pair in pairs for pair in self.places])

    def in_one(self, stories: dict[int, int]) -> Bools:
        """Which of them are of one story."""
        return np.array([a in stories and stories[a] == stories.get(b) for a, b in self.places])


def report(name: str, found: Bools, sample: Sample, kept: Bools) -> None:
    """Precision and recall with 95 % bootstrap intervals, and weighted."""
    found, copy, weight = found[kept], sample.copy[kept], sample.weight[kept]
    draws = np.random.default_rng(0).integers(len(found), size=(RESAMPLES, len(found)))
    measures: list[tuple[str, Callable[[Bools, Bools, Floats], float]]]
    measures = [("precision", precision), ("recall", recall)]
    said = []
    for measure, of in measures:
        drawn = [of(found[row], copy[row], np.ones(len(row))) for row in draws]
        low, high = np.nanpercentile(drawn, [2.5, 97.5])
        value, weighted = of(found, copy, np.ones_like(weight)), of(found, copy, weight)
        said.append(f"{measure} {value:.3f} [{low:.3f}, {high:.3f}] (weighted {weighted:.3f})")
    right, wrong, missed = (found & copy).sum(), (found & ~copy).sum(), (~found & copy).sum()
    print(f"{name}: {', '.join(said)}; {right} right, {wrong} wrong, {missed} missed")


def precision(found: Bools, copy: Bools, weight: Floats) -> float:
    """Of what was found, the share that are copies."""
    return float(weight[found & copy].sum() / total) if (total := weight[found].sum()) else np.nan


def recall(found: Bools, copy: Bools, weight: Floats) -> float:
    """Of the copies, the share that was found."""
    return precision(copy, found, weight)


def cross_validate(archive: Archive, sample: Sample) -> None:
    """Thresholds by the best F1 of stories on four parts of five, measured on the fifth."""
    found = {
        pair: sample.in_one(archive.stories(archive.pairs(*pair)))
        for pair in [*GRID, (CONTAINED_FROM, JACCARD_FROM)]
    }
    parts = np.array_split(np.random.default_rng(0).permutation(len(sample.copy)), FOLDS)
    apart = np.zeros_like(sample.copy)
    for number, part in enumerate(parts):
        rest = np.setdiff1d(np.arange(len(apart)), part)
        best = max(GRID, key=lambda pair: (f1(found[pair][rest], sample.copy[rest]), pair))
        apart[part] = found[best][part]
        print(f"part {number}: containment {best[0]:.2f}, Jaccard {best[1]:.2f}")
    kept = np.ones_like(sample.unsure)
    report("stories, cross-validated, all", apart, sample, kept)
    report("stories, cross-validated, without unsure", apart, sample, ~sample.unsure)


def f1(found: Bools, copy: Bools) -> float:
    """2 · right / (found + copies)."""
    return float(2 * (found & copy).sum() / max(1, found.sum() + copy.sum()))


if __name__ == "__main__":
    main()
