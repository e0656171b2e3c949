"""How search, memory, disk and one more article grow with the archive: 10 thousand to a million.

    python benchmarks/scale.py --from indexes/realtimeqa-2023 --work /tmp/scale
    python benchmarks/scale.py --work /tmp/scale --table        # the table and picture again

One index grows to each size and is measured there, in processes of its own: latency of the dense
and the lexical search (100 best each) and of the whole of `NewsQA.search` (its question encoded,
both searches, ranking, folding), recall@10 of the dense search against comparing every vector, with
filters that keep about a half, 1 % and 0.1 % of the passages by date, and one outlet; resident
memory; bytes on disk; and how long one more article takes until another process finds it.

The first passages are real ones: an index of RealTime QA as benchmarks/realtimeqa.py makes it, its
articles in an order by chance (seed 0).  When they are used up, they are used again, perturbed: of
each copy every third word is another one, drawn from the words of the archive as often as they
occur there; its date is moved by up to two years; and to its vectors noise is added in the
directions in which the archive's vectors differ, so that a passage and its copy have a cosine of
0.8 (no encoder could read a million passages in the time).  They go in through the index's own
writer, as all articles do.  Questions are 200 of the year's, by chance (seed 0).
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from realtimeqa import DATA, read_year

import newsqa
from newsqa.articles.identity import hash_of
from newsqa.chunking import passage_id
from newsqa.indexing import Entry, Filter, Index
from newsqa.retrieval.search import informative_terms
from newsqa.types import Article, Passage, Span

SIZES = (10_000, 100_000, 1_000_000)
COMMIT = 2_000
"""Passages of one commit while the index grows."""
COSINE = 0.8
REPLACED = 1 / 3
DIRECTIONS = 64
"""So many of the archive's vectors, less their mean, make the noise for one article."""
_WORD = re.compile(r"[^\W\d_]{4,}")

Vectors = npt.NDArray[np.float32]


def main() -> None:
    """Grow, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="source", type=Path, help="an index of real articles")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--table", action="store_true", help="only print what was measured")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--picture", type=Path, default=None)
    options = parser.parse_args()
    results = options.work / "scale.json"
    if options.measure:
        print(json.dumps(measure(options)))
        return
    if not options.table:
        if not (options.data / "2023").is_dir() or not options.source:
            print("skipped: needs --from INDEX and the data described in the data page")
            return
        options.work.mkdir(parents=True, exist_ok=True)
        done: dict[str, Any] = {}
        for size in options.sizes:
            grown = grow(options.source, options.work / "index", size)
            command = [
                sys.executable, __file__, "--measure", "--work", str(options.work),
                "--data", str(options.data), "--questions", str(options.questions),
            ]  # fmt: skip
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            done[str(size)] = {**json.loads(said.splitlines()[-1]), **grown}
            results.write_text(json.dumps(done, indent=1))
    tell(json.loads(results.read_text()), options.picture)


# Growing.


@dataclass(frozen=True, slots=True)
class Original:
    """A real article with its passages and their vectors."""

    article: Article
    passages: list[Passage]
    vectors: Vectors


def grow(source: Path, target: Path, size: int) -> dict[str, float]:
    """Bring the index to at least so many passages; returns what that took."""
    with newsqa.NewsQA.open(source) as qa:
        encoder = qa.encoder
    index = Index.create(
        target, encoder=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension
    )
    held, articles = index.info().passages, index.info().articles
    started = time.perf_counter()
    written = 0
    with index.writing() as writer:
        batch: list[Entry] = []
        vectors: dict[bytes, Vectors] = {}
        count = 0
        for original in itertools.islice(originals_and_copies(source), articles, None):
            if held + written + count >= size:
                break
            keys = [p.id.to_bytes(16, "big") for p in original.passages]
            batch.append(
                Entry(
                    article=original.article,
                    passages=list(zip(original.passages, keys, strict=True)),
                )
            )
            vectors.update(zip(keys, original.vectors, strict=True))
            count += len(keys)
            if count >= COMMIT:
                writer.commit(batch, vectors=vectors)
                written += count
                batch, vectors, count = [], {}, 0
                _progress(held + written, size)
        writer.commit(batch, vectors=vectors)
        written += count
    index.close()
    seconds = time.perf_counter() - started
    return {"grown_by": written, "grown_in": seconds}


def originals_and_copies(source: Path) -> Iterator[Original]:
    """Real articles in an order by chance, then their copies, without end."""
    originals = list(_originals(source))
    random.Random(0).shuffle(originals)
    yield from originals
    words = [w for o in originals[:500] for w in _WORD.findall(o.article.text)]
    sample = np.concatenate([o.vectors for o in originals])
    sample = sample[np.random.default_rng(0).permutation(len(sample))[:4000]]
    centred = sample - sample.mean(axis=0)
    for copy in itertools.count(1):
        for number, original in enumerate(originals):
            yield perturbed(original, words, centred, seed=(copy, number))


def perturbed(
    original: Original, words: Sequence[str], centred: Vectors, *, seed: tuple[int, int]
) -> Original:
    """A copy with a third of its words exchanged, another date, and vectors moved away."""
    chance = random.Random(f"{seed}")
    text, moved = _exchanged(original, words, chance)
    published = original.article.published
    if published is not None:
        published += timedelta(days=chance.randint(-730, 730))
    article = replace(
        original.article,
        id=f"{original.article.id}-{seed[0]}",
        text=text,
        url=None,
        published=published,
    )
    article = replace(article, content_hash=hash_of(article))
    passages = []
    for passage in original.passages:
        start, end = moved[passage.start], moved[passage.end]
        spans = tuple(Span(start=moved[s.start], end=moved[s.end]) for s in passage.sentences)
        number = passage_id(article, start, end)
        passages.append(
            Passage(
                id=number, article_id=article.id, start=start, end=end, text=text[start:end],
                sentences=spans,
            )
        )  # fmt: skip
    random_ = np.random.default_rng(seed)
    directions = centred[random_.integers(len(centred), size=DIRECTIONS)]
    noise = random_.standard_normal((len(passages), DIRECTIONS)).astype(np.float32)
    away = _unit(noise @ directions)
    # The amount at which a unit row and noise at right angles to it have the cosine wanted.
    rows = _unit(original.vectors + np.tan(np.arccos(COSINE)) * away)
    return Original(article, passages, rows)


def _exchanged(
    original: Original, words: Sequence[str], chance: random.Random
) -> tuple[str, dict[int, int]]:
    """The text with words exchanged, and where each boundary of it stands now."""
    text = original.article.text
    cuts = {0, len(text)}
    for passage in original.passages:
        cuts |= {passage.start, passage.end}
        cuts |= {at for span in passage.sentences for at in (span.start, span.end)}

    def other(match: re.Match[str]) -> str:
        return chance.choice(words) if chance.random() < REPLACED else match[0]

    moved, pieces, length = {0: 0}, [], 0
    for start, end in itertools.pairwise(sorted(cuts)):
        piece = _WORD.sub(other, text[start:end])
        pieces.append(piece)
        length += len(piece)
        moved[end] = length
    return "".join(pieces), moved


def _originals(source: Path) -> Iterator[Original]:
    # Past the door, on purpose: vectors are nobody's business elsewhere.
    index = Index.open(source)
    with index._store.snapshot() as reader:
        for article in reader.articles():
            passages = reader.passages_of(article)
            if passages:
                yield Original(article, passages, reader.vectors([p.id for p in passages]))
    index.close()


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


# Measuring, in a process of its own.


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Everything about the index as it is now."""
    _, asked = read_year(options.data / "2023", None)
    questions = [row["question"] for row in random.Random(0).sample(asked, options.questions)]
    path = options.work / "index"
    started = time.perf_counter()
    qa = newsqa.NewsQA.open(path)
    qa.load()
    opened = time.perf_counter() - started
    started = time.perf_counter()
    qa.search(questions[0])
    first = time.perf_counter() - started
    queries = qa.encoder.encode(questions)
    filters = _filters(qa)
    found: dict[str, Any] = {}
    for name, chosen in filters.items():
        found[name] = _latencies(qa, questions, queries, chosen)
    resident = _status()
    for name, recall in _recalls(qa, queries, filters).items():
        found[name]["recall"] = recall
    info = qa.info()
    visible = [_visible(qa, path, number) for number in range(5)]
    base = qa._index._derived._base
    probes = base.probes if base is not None else 0
    qa.close()
    return {
        "passages": info.passages, "articles": info.articles, "kind": info.kind,
        "opened": opened, "first": first, "filters": found, "sizes": dict(info.sizes),
        "resident": resident, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "visible": statistics.median(v[0] for v in visible),
        "added": statistics.median(v[1] for v in visible),
        "probes": probes,
    }  # fmt: skip


def _filters(qa: newsqa.NewsQA) -> dict[str, Filter]:
    """Those that keep about so much of the passages, by date, and the largest outlet."""
    with qa._index.view() as view:
        columns = view._snapshot.columns
    dates = np.sort(columns.published[columns.article])
    dates = dates[dates > 0]

    def moment(share: float) -> datetime:
        return datetime.fromtimestamp(int(dates[int(share * (len(dates) - 1))]) / 1e6, UTC)

    outlet = next(iter(qa.info().sources))
    return {
        "all": Filter(),
        "half": Filter(as_of=moment(0.5)),
        "1 %": Filter(since=moment(0.6), until=moment(0.61)),
        "0.1 %": Filter(since=moment(0.6), until=moment(0.601)),
        "outlet": Filter(sources=(outlet,)),
    }


def _latencies(
    qa: newsqa.NewsQA, questions: Sequence[str], queries: Vectors, chosen: Filter
) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {"dense": [], "lexical": [], "search": []}
    bounds: dict[str, Any] = {
        "as_of": chosen.as_of, "since": chosen.since, "until": chosen.until,
        "sources": chosen.sources,
    }  # fmt: skip
    with qa._index.view() as view:
        allowed = view._snapshot.articles_allowed(chosen)
        kept = float(allowed[view._snapshot.columns.article].mean())
        for question, query in zip(questions, queries, strict=True):
            weights = informative_terms(question)
            _timed(seconds["dense"], partial(view.dense, query, 100, chosen))
            lexical = partial(view.lexical, weights, 100, chosen, title_boost=0.3)
            _timed(seconds["lexical"], lexical)
    for question in questions:
        _timed(seconds["search"], partial(qa.search, question, **bounds))
    return {
        "kept": kept,
        **{name: np.percentile(values, [50, 95]).tolist() for name, values in seconds.items()},
    }


def _timed(seconds: list[float], call: Callable[[], object]) -> None:
    started = time.perf_counter()
    call()
    seconds.append(time.perf_counter() - started)


def _recalls(qa: newsqa.NewsQA, queries: Vectors, filters: dict[str, Filter]) -> dict[str, float]:
    """Recall@10 of the dense search against comparing every vector."""
    with qa._index.view() as view:
        columns, reader = view._snapshot.columns, view._reader
        masks = {
            name: view._snapshot.articles_allowed(chosen)[columns.article]
            for name, chosen in filters.items()
        }
        best = {name: np.empty((len(queries), 0), np.float32) for name in filters}
        for first in range(0, len(columns.ids), 20_000):
            rows = reader.vectors(columns.ids[first : first + 20_000])
            scores = queries @ rows.T
            for name, mask in masks.items():
                some = scores[:, mask[first : first + 20_000]]
                joined = np.concatenate([best[name], some], axis=1)
                best[name] = -np.sort(-joined, axis=1)[:, :10]
        recalls = {}
        for name, chosen in filters.items():
            shares = []
            for query, true in zip(queries, best[name], strict=True):
                found = [s.score for s in view.dense(query, 10, chosen)]
                # By score: of equal passages (copies) either is right.
                shares.append(sum(s >= true[-1] - 1e-5 for s in found) / max(1, len(true)))
            recalls[name] = float(np.mean(shares))
    return recalls


SEEN = """
import sys, time
from newsqa.indexing import Filter, Index
index = Index.open(sys.argv[1])
def found(word):
    with index.view() as view:
        return view.lexical({word: 1.0}, 1, Filter())
found("ready")
print("ready", flush=True)
for line in sys.stdin:
    while not found(line.strip()):
        time.sleep(0.01)
    print(time.time(), flush=True)
"""


def _visible(qa: newsqa.NewsQA, path: Path, number: int) -> tuple[float, float]:
    """Seconds from the call until another process finds a new article, and until it returns."""
    word = f"zyxo{number}{random.randrange(10**9)}"
    child = subprocess.Popen(
        [sys.executable, "-c", SEEN, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdout.readline()
    child.stdin.write(word + "\n")
    child.stdin.flush()
    started = time.time()
    qa.add({"title": f"News of {word}", "text": f"The {word} was seen at the harbour today."})
    returned = time.time()
    seen = float(child.stdout.readline())
    child.stdin.close()
    child.wait()
    return seen - started, returned - started


def _status() -> dict[str, float]:
    """Resident megabytes of this process: all of it, its own, and what is mapped from files."""
    rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        name: int(rows[key].split()[0]) / 1024
        for name, key in (("all", "VmRSS"), ("own", "RssAnon"), ("mapped", "RssFile"))
    }


# Telling.


def tell(done: dict[str, Any], picture: Path | None) -> None:
    """A table of everything, and a picture of latencies if one is wanted."""
    for row in done.values():
        sizes = ", ".join(f"{name} {size / 1e6:,.0f}" for name, size in row["sizes"].items())
        print(
            f"{row['passages']:,} passages of {row['articles']:,} articles, {row['kind']} "
            f"({row['probes']} probes); grown by {row['grown_by']:,} in {row['grown_in']:.0f} s; "
            f"MB on disk: {sizes}; resident {row['resident']['all']:.0f} MB (own "
            f"{row['resident']['own']:.0f}, mapped {row['resident']['mapped']:.0f}); opened in "
            f"{row['opened']:.1f} s; one article seen after {row['visible']:.2f} s, added in "
            f"{row['added']:.2f} s"
        )
        for name, each in row["filters"].items():
            print(
                f"  {name:7} keeps {each['kept']:7.2%}  recall@10 {each['recall']:.3f}  "
                + "  ".join(
                    f"{step} {1000 * each[step][0]:.0f}/{1000 * each[step][1]:.0f}"
                    for step in ("dense", "lexical", "search")
                )
            )
    if picture:
        _draw(done, picture)


def _draw(done: dict[str, Any], picture: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, plots = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True)
    sizes = [row["passages"] for row in done.values()]
    for plot, name in zip(plots, ("all", "1 %"), strict=True):
        for step in ("dense", "lexical", "search"):
            for at, style in ((0, "-"), (1, "--")):
                values = [1000 * row["filters"][name][step][at] for row in done.values()]
                plot.plot(sizes, values, style, marker="o", label=f"{step} {['p50', 'p95'][at]}")
        plot.set(xscale="log", xlabel="passages", title=f"filter: {name}")
        plot.grid(alpha=0.3)
    plots[0].set_ylabel("ms")
    plots[0].legend()
    figure.tight_layout()
    figure.savefig(picture)


def _progress(done: int, size: int) -> None:
    print(f"\r{done:,} of {size:,} passages", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
