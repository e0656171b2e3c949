"""Train newsqa's reading model.

    python -m training --out runs/reader --news YEAR INDEX --teacher FOLDER --device cuda --bfloat16

What is read is gathered first, into OUT/examples.xz: the reader data; what newsqa's own search
finds for RealTime QA's questions of YEAR in INDEX (built from that year by
benchmarks/realtimeqa.py); the archive's own sentences as questions; and questions of the reader
data asked of the archive.  A teacher (all-mpnet-base-v2, in FOLDER) is trained on what has labels,
then says of every passage where it would look for the answer; the reader learns from both.  Without
--teacher (or --said, a file that one left) it learns from the labels alone, without --news from the
reader data alone.  With --start it goes on from a reader made before, with --layers as one of more
layers.  Interrupted, the same command goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from newsqa.embedding.bundled import verified_folder
from newsqa.synthesis.reader import Special, plain_tokenizer
from training.archive import read_archive
from training.clozes import clozes
from training.deeper import deeper
from training.elsewhere import elsewhere
from training.examples import read_examples, write_examples
from training.export import export
from training.lessons import Lesson, batches, chosen, lessons, without
from training.loss import Soft, Weights
from training.measure import measure
from training.news import mined, read_lines, weeks_for_training
from training.rows import Example, Mixture, as_examples, mix, read_rows
from training.teacher import (
    Teacher,
    digest,
    load_soft,
    save_soft,
    soft_labels,
    verify_weights,
)
from training.train import Run, Schedule, network_at, new_network

DATA = Path("../shared/data")
SELDOM = 600
"""Steps between checkpoints on a GPU, where a step takes less than a tenth of a second."""
MIXTURES = 2
"""Times that the reader data is gathered, each with its own negatives and titles."""
ELSEWHERE = 24_000
"""Questions of the reader data that are asked of an archive."""
TEACHING = Schedule(learning_rate=4e-5)
TEACHING_TOKENS = 12_288
"""Of a batch, padding included."""
TAUGHT = Weights(soft=0.7)
FRESH = Schedule(learning_rate=4e-4, weights=TAUGHT), 24_576
"""Of a reader that starts from the encoder's weights, and the tokens of a batch."""
FURTHER = Schedule(learning_rate=1.5e-4, weights=TAUGHT), 4_096
"""Of one that starts from a reader's."""
DEEPER = Schedule(learning_rate=3e-4, weights=Weights(soft=0.85)), 32_768
"""Of one that starts from a reader's with more layers than that has."""
PASSES = 4
"""Times that the reader sees every lesson; its teacher sees it once."""


def main() -> None:
    """Parse, gather, train, measure, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument(
        "--news",
        nargs=2,
        metavar=("YEAR", "INDEX"),
        help="a year's questions and the index of its archive",
    )
    parser.add_argument("--teacher", type=Path, help="folder of all-mpnet-base-v2")
    parser.add_argument("--teach-only", action="store_true", help="the reader learns elsewhere")
    parser.add_argument("--said", type=Path, help="what a teacher said before, in place of one")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bfloat16", action="store_true", help="multiply so, where it's faster")
    parser.add_argument("--start", type=Path, help="weights that the reader starts from")
    parser.add_argument(
        "--layers", type=int, help="of the reader: more than --start has, at most twice as many"
    )
    parser.add_argument(
        "--lessons", type=int, help="of the reader, by chance; all where it is not given"
    )
    parser.add_argument(
        "--leave",
        type=int,
        default=0,
        help="what a run of so many --lessons, else the same as this one, took before",
    )
    parser.add_argument("--passes", type=int, default=PASSES, help="of the reader over everything")
    parser.add_argument("--share", type=float, default=1.0, help="of all data, for a trial")
    parser.add_argument("--gather-only", action="store_true", help="train elsewhere")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2, help="the outcome depends on it")
    options = parser.parse_args()
    if options.teach_only and options.teacher is None:
        parser.error("--teach-only needs --teacher")
    if options.said is not None and options.teacher is not None:
        parser.error("--said stands in the place of --teacher: give one of them")
    if options.layers is not None and options.start is None:
        parser.error("--layers needs --start")
    started = None if options.start is None else network_at(options.start)
    if started is not None and options.layers is not None:
        had = started.encoder.config.num_hidden_layers
        if not had < options.layers <= 2 * had:
            parser.error(
                f"--layers is {options.layers}, expected more than the {had} of {options.start}, "
                "at most twice as many"
            )
    reader_data = options.data / "reader"
    if not reader_data.is_dir():
        print(f"skipped: {reader_data} is not there; the model card says what it holds")
        return
    options.out.mkdir(parents=True, exist_ok=True)
    reproducibly(options.threads)
    gathered = options.out / "examples.xz"
    of = {"seed": options.seed, "share": options.share}
    if options.news is not None:
        of["news"] = options.news[0]
    if not gathered.exists():
        write_examples(gathered, gather(options), of=of)
    if options.gather_only:
        return
    tokenizer = plain_tokenizer()
    special = Special.of(tokenizer)
    taught = lessons(read_examples(gathered, of=of), tokenizer, seed=options.seed)
    dev = as_examples(read_rows(reader_data / "dev.jsonl.xz"), filtered=False)
    random.Random(options.seed).shuffle(dev)
    dev = dev[: max(60, int(options.share * len(dev)))]

    said = options.said
    if options.teacher is not None:
        said = options.out / "said.npz"
        verify_weights(options.teacher)
        teacher = Teacher(options.teacher, tokenizer, seed=options.seed)
        labelled = [row for row in taught if row.labelled]
        made = batches(labelled, TEACHING_TOKENS, seed=options.seed)
        stage(options, "teacher", teacher, made, special, TEACHING)
        if not said.exists():
            keep_figures(options.out / "teacher-dev.json", measure(teacher, tokenizer, dev))
            rows = list({digest(row): row for row in taught}.values())
            told = soft_labels(
                teacher, rows, special, device=options.device, bfloat16=options.bfloat16
            )
            save_soft(said, rows, told)
        if options.teach_only:
            return
    if started is None:
        network, schedule, tokens = new_network(verified_folder(), seed=options.seed), *FRESH
    elif options.layers is None:
        network, schedule, tokens = started, *FURTHER
    else:
        network, schedule, tokens = deeper(started, options.layers), *DEEPER
    if said is None:
        soft, schedule = None, replace(schedule, weights=Weights())
        taught = [row for row in taught if row.labelled]
    else:
        soft = load_soft(said)
        known = [row for row in taught if digest(row) in soft]
        print(f"a teacher has told of {len(known):,} lessons of {len(taught):,}")
        taught = known
    taught = without(taught, chosen(taught, options.leave, seed=options.seed))
    if not taught:
        raise SystemExit(
            "there is nothing to learn: no lesson has a label or was told of, or all are left"
        )
    if options.lessons is not None:
        taught = chosen(taught, options.lessons, seed=options.seed)
    made = batches(taught, tokens, seed=options.seed, times=options.passes)
    of_what = " ".join(sha256(path) for path in (options.start, said) if path is not None)
    if options.layers is not None:
        of_what += f" {options.layers} layers"
    stage(options, "reader", network, made, special, schedule, soft=soft, of=of_what)
    keep_figures(options.out / "dev.json", measure(network, tokenizer, dev))
    exported = export(network, options.out / "reader.safetensors")
    print(f"reader.safetensors: SHA-256 {exported}")


def reproducibly(threads: int) -> None:
    """The same bits each time, with the same number of threads on the same kind of processor."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    # Else memory is written once more before it is written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.set_flush_denormal(True)


def gather(options: argparse.Namespace) -> list[Example]:
    """All that is read, in no order."""
    rows = as_examples(read_rows(options.data / "reader" / "train.jsonl.xz"))
    found = [
        example
        for turn in range(MIXTURES)
        for example in mix(rows, Mixture(share=options.share), seed=options.seed + turn)
    ]
    if options.news is None:
        return found
    year, index = options.news
    questions = read_lines(options.data / "realtimeqa" / year / "questions.jsonl.xz")
    weeks = weeks_for_training(questions)
    asked = [row for row in questions if row["week"] in weeks]
    asked = asked[: max(4, int(options.share * len(asked)))]
    archive = read_archive(Path(index))

    def free() -> int:
        return 1 + max((example.group for example in found), default=-1)

    found += mined(Path(index), asked, seed=options.seed, first_group=free())
    found += clozes(archive, seed=options.seed, share=options.share, first_group=free())
    count = int(options.share * ELSEWHERE)
    found += elsewhere(rows, archive, count=count, seed=options.seed, first_group=free())
    return found


def stage(
    options: argparse.Namespace,
    name: str,
    network: nn.Module,
    made: list[list[Lesson]],
    special: Special,
    schedule: Schedule,
    *,
    soft: dict[int, Soft] | None = None,
    of: str = "",
) -> None:
    """Train the network on batches, in a folder; `of` is what it began with and was told."""
    folder = options.out / name
    rows = [row for batch in made for row in batch]
    tokens = sum(len(row.ids) for row in rows)
    print(f"{name}: {len(rows):,} lessons, {tokens:,} tokens, {len(made):,} steps", flush=True)
    log = folder.with_suffix(".jsonl")

    def report(line: dict[str, float]) -> None:
        print(" ".join(f"{part} {value:.5g}" for part, value in line.items()), flush=True)
        with log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def told(rows: Sequence[Lesson]) -> list[Soft]:
        assert soft is not None
        return [soft[digest(row)] for row in rows]

    schedule = replace(
        schedule,
        device=options.device,
        bfloat16=options.bfloat16,
        save_every=schedule.save_every if options.device == "cpu" else SELDOM,
    )
    run = Run(folder, network, schedule, identity=f"{options.seed} {digest_of(made)} {of}")
    run.train(made, special, soft=None if soft is None else told, report=report)


def sha256(path: Path) -> str:
    """Of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_figures(path: Path, figures: dict[str, dict[str, float | None]]) -> None:
    """Print them and write them down."""
    print(json.dumps(figures, indent=1))
    path.write_text(json.dumps(figures, indent=1))


def digest_of(made: Sequence[Sequence[Lesson]]) -> str:
    """Of every id and every span in order: runs with the same one saw the same data."""
    digest = hashlib.sha256()
    for batch in made:
        for row in batch:
            digest.update(row.ids.tobytes())
            digest.update(repr((row.first, row.spans, row.group, row.labelled)).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
