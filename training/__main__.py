"""Train newsqa's reading model: `python -m training --out runs/reader --news YEAR INDEX`.

Stage "read" learns to find answers in passages, from the reader data; stage "news" learns to
tell, of the passages that newsqa's own search finds in INDEX (built from RealTime QA's YEAR by
benchmarks/realtimeqa.py; --news may be given for several years), those that hold the answer.
Without --news the second is left out; --start takes weights made before in the place of the first.
The weights are a mean of both stages'.  Interrupted, the same command goes on from the last
checkpoint.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import random
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from newsqa.embedding.bundled import verified_folder
from newsqa.synthesis.reader import SpanNetwork, Special, plain_tokenizer, read_weights
from training.export import export
from training.measure import measure
from training.news import GROUPS, mined, read_lines, weeks_for_training
from training.rows import Example, Mixture, as_examples, mix, read_rows
from training.train import Lesson, Run, Schedule, batches, lessons, new_network, without_dropout

DATA = Path("../shared/data")
NEWS = Schedule(learning_rate=5e-5)
BLEND = 0.6
"""Weight of the second stage in the mean of both, which keeps what the first one knew (Wortsman et
al. 2022, "Robust Fine-Tuning of Zero-Shot Models")."""
REHEARSED = 0.06
"""Of the reader data, read once more in the second stage lest it be forgotten."""


def main() -> None:
    """Parse, train, measure, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument(
        "--news",
        nargs=2,
        action="append",
        default=[],
        metavar=("YEAR", "INDEX"),
        help="a year's questions and the index of its archive, for the second stage",
    )
    parser.add_argument("--groups", type=int, default=GROUPS, help="of passages, of a question")
    parser.add_argument("--start", type=Path, help="weights to start the second stage from")
    parser.add_argument(
        "--bfloat16", action="store_true", help="multiply so in the second stage, where it's faster"
    )
    parser.add_argument("--share", type=float, default=1.0, help="of all data, for a trial")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2, help="the outcome depends on it")
    options = parser.parse_args()
    reader_data = options.data / "reader"
    if not reader_data.is_dir():
        print(f"skipped: {reader_data} is not there; the model card says what it holds")
        return
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    torch.set_flush_denormal(True)
    tokenizer = plain_tokenizer()
    network = network_at(options.start, seed=options.seed)
    rows = as_examples(read_rows(reader_data / "train.jsonl.xz"))
    dev = as_examples(read_rows(reader_data / "dev.jsonl.xz"), filtered=False)
    random.Random(options.seed).shuffle(dev)
    dev = dev[: max(60, int(options.share * len(dev)))]

    if options.start is None:
        examples = mix(rows, Mixture(share=options.share), seed=options.seed)
        stage(options.out / "read", network, tokenizer, examples, Schedule(), seed=options.seed)
    else:
        options.out.mkdir(parents=True, exist_ok=True)
    keep_figures(options.out / "read-dev.json", measure(network, tokenizer, dev))
    if options.news:
        first = {name: value.clone() for name, value in network.state_dict().items()}
        examples = news_examples(options, rows)
        stage(
            options.out / "news",
            network,
            tokenizer,
            examples,
            dataclasses.replace(NEWS, bfloat16=options.bfloat16),
            seed=options.seed,
        )
        keep_figures(options.out / "news-dev.json", measure(network, tokenizer, dev))
        second = network.state_dict()
        network.load_state_dict({name: first[name].lerp(second[name], BLEND) for name in first})
        keep_figures(options.out / "dev.json", measure(network, tokenizer, dev))
    digest = export(network, options.out / "reader.safetensors")
    print(f"reader.safetensors: SHA-256 {digest}")


def network_at(start: Path | None, *, seed: int) -> SpanNetwork:
    """The network that training begins with; it has no dropout."""
    if start is None:
        return new_network(verified_folder(), seed=seed)
    known = read_weights(start)
    network = SpanNetwork(without_dropout(known.encoder.config))
    network.load_state_dict(known.state_dict())
    return network


def news_examples(options: argparse.Namespace, rows: Sequence[Example]) -> list[Example]:
    """What the search finds for the questions of the training weeks, and some of the first stage.

    Kept in a file: a run that goes on sees the same.
    """
    kept = options.out / "news-examples.jsonl"
    if not kept.exists():
        found: list[Example] = []
        for year, index in options.news:
            questions = read_lines(options.data / "realtimeqa" / year / "questions.jsonl.xz")
            weeks = weeks_for_training(questions)
            asked = [row for row in questions if row["week"] in weeks]
            asked = asked[: max(4, int(options.share * len(asked)))]
            found += mined(
                Path(index),
                asked,
                seed=options.seed,
                groups=options.groups,
                first_group=1 + max((example.group for example in found), default=-1),
            )
        lines = [json.dumps(dataclasses.asdict(example)) for example in found]
        kept.with_suffix(".part").write_text("\n".join(lines))
        kept.with_suffix(".part").replace(kept)
    read = [json.loads(line) for line in kept.read_text().split("\n") if line]
    for fields in read:
        fields["answers"] = tuple((start, end) for start, end in fields["answers"])
    rehearsed = Mixture(share=REHEARSED * options.share)
    return [
        *(Example(**fields) for fields in read),
        *mix(rows, rehearsed, seed=options.seed + 1),
    ]


def stage(
    folder: Path,
    network: SpanNetwork,
    tokenizer: Tokenizer,
    examples: list[Example],
    schedule: Schedule,
    *,
    seed: int,
) -> None:
    """Train the network on examples, in a folder, and keep its weights there."""
    taught = lessons(examples, tokenizer, seed=seed)
    made = batches(taught, schedule.batch_tokens, seed=seed)
    tokens = sum(len(row.window.ids) for row in taught)
    print(f"{folder.name}: {len(taught):,} examples, {tokens:,} tokens, {len(made):,} steps")
    log = folder.with_suffix(".jsonl")

    def report(line: dict[str, float]) -> None:
        print(" ".join(f"{name} {value:.5g}" for name, value in line.items()), flush=True)
        with log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    run = Run(folder, network, schedule, identity=f"{seed} {digest_of(made)}")
    run.train(made, Special.of(tokenizer), report=report)
    save_file(
        {name: value.contiguous() for name, value in network.state_dict().items()},
        folder / "weights.safetensors",
    )


def keep_figures(path: Path, figures: dict[str, dict[str, float | None]]) -> None:
    """Print them and write them down."""
    print(json.dumps(figures, indent=1))
    path.write_text(json.dumps(figures, indent=1))


def digest_of(made: Sequence[Sequence[Lesson]]) -> str:
    """Of every id and every span in order: runs with the same one saw the same data."""
    digest = hashlib.sha256()
    for batch in made:
        for row in batch:
            digest.update(repr((row.window.ids, row.spans, row.group)).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
