"""Lessons, batches, losses, and runs that were interrupted."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import BertConfig

from newsqa.synthesis.reader import SpanNetwork, Special, plain_tokenizer
from training.export import export
from training.rows import Example
from training.train import MAX_TOKENS, Lesson, Run, Schedule, batches, lessons, losses

TOKENIZER = plain_tokenizer()
SPECIAL = Special.of(TOKENIZER)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def network(seed: int = 0) -> SpanNetwork:
    torch.manual_seed(seed)
    return SpanNetwork(
        BertConfig(
            vocab_size=TOKENIZER.get_vocab_size(),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
    )


def example(context: str, answer: str = "", **fields: Any) -> Example:
    start = context.index(answer)
    return Example(
        question="Who led the rescue at the river?",
        title=fields.pop("title", "River floods"),
        context=context,
        answers=((start, start + len(answer)),) if answer else (),
        source="made",
        **fields,
    )


LONG = "It rained. " * 150 + "Mayor Ada Quill led the rescue. " + "It rained. " * 150


@pytest.mark.parametrize("seed", range(5))
def test_a_lesson_fits_and_still_holds_its_answer(seed: int) -> None:
    (lesson,) = lessons([example(LONG, "Ada Quill")], TOKENIZER, seed=seed)
    ((first, last),) = lesson.spans
    assert len(lesson.window.ids) <= MAX_TOKENS
    assert TOKENIZER.decode(list(lesson.window.ids[first : last + 1])) == "ada quill"
    inner = first - lesson.window.first
    start, end = lesson.window.offsets[inner][0], lesson.window.offsets[inner + last - first][1]
    assert LONG[start:end] == "Ada Quill"


def test_no_answer_is_the_first_token() -> None:
    (lesson,) = lessons([example("It rained.")], TOKENIZER, seed=0)
    assert lesson.spans == ((0, 0),)


def test_batches_hold_everything_once_within_their_size_and_groups_together() -> None:
    made = lessons(
        [example("It rained. " * (n % 30 + 1), group=n // 3 if n < 30 else -1) for n in range(90)],
        TOKENIZER,
        seed=0,
    )
    found = batches(made, 600, seed=1)
    flat = [id(lesson) for batch in found for lesson in batch]
    assert sorted(flat) == sorted(map(id, made))
    for batch in found:
        groups = {lesson.group for lesson in batch if lesson.group >= 0}
        for group in groups:
            assert sum(lesson.group == group for lesson in batch) == 3
        if len(batch) > 3:
            assert len(batch) * max(len(lesson.window.ids) for lesson in batch) <= 600
    assert [list(map(id, b)) for b in found] == [
        list(map(id, b)) for b in batches(made, 600, seed=1)
    ]


def test_the_loss_of_a_span_is_its_negative_log_probability() -> None:
    lesson = lessons([example("Ada Quill led it.", "Ada Quill")], TOKENIZER, seed=0)[0]
    net = network()
    found = float(losses(net, [lesson], SPECIAL, relevance=0.0).detach())
    ids = torch.tensor([lesson.window.ids])
    start, end, _ = net(ids, torch.tensor([lesson.window.types]), torch.ones_like(ids))
    places = [0, *range(lesson.window.first, lesson.window.first + len(lesson.window.offsets))]
    first, last = lesson.spans[0]
    start, end = start[0].log_softmax(-1), end[0].log_softmax(-1)
    expected = -(start[first] - start[places].logsumexp(0) + end[last] - end[places].logsumexp(0))
    assert math.isclose(found, float(expected.detach()), rel_tol=1e-4)


def test_a_group_is_normalised_over_all_its_passages() -> None:
    alone = lessons([example("Ada Quill led it.", "Ada Quill")], TOKENIZER, seed=0)
    grouped = lessons(
        [example("Ada Quill led it.", "Ada Quill", group=0), example("It rained.", group=0)],
        TOKENIZER,
        seed=0,
    )
    net = network()
    ungrouped = [Lesson(window=g.window, spans=g.spans, group=-1) for g in grouped]
    without = losses(net, ungrouped, SPECIAL, relevance=0.0)
    shared = losses(net, grouped, SPECIAL, relevance=0.0) - without
    assert float(shared.detach()) > 0
    assert float(losses(net, alone, SPECIAL, relevance=0.0).detach()) > 0


class Killed(Exception):
    """What stands for a process that ends in the middle."""


def trained(folder: Path, *, kill_at: int | None = None) -> dict[str, torch.Tensor]:
    made = lessons(
        [example("It rained. " * (n % 9) + "Ada Quill led it.", "Ada Quill") for n in range(400)],
        TOKENIZER,
        seed=0,
    )
    found = batches(made, 192, seed=0)
    net = network()
    run = Run(folder, net, Schedule(batch_tokens=192, save_every=15), identity="made")

    def report(line: dict[str, float]) -> None:
        if kill_at is not None and line["step"] >= kill_at:
            raise Killed

    run.train(found, SPECIAL, report=report)
    return net.state_dict()


def test_a_run_that_was_interrupted_comes_to_the_same_bits(tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole")
    with pytest.raises(Killed):
        trained(tmp_path / "killed", kill_at=50)
    resumed = trained(tmp_path / "killed")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert not torch.equal(whole["span.weight"], network().state_dict()["span.weight"])


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    trained(tmp_path)
    with pytest.raises(SystemExit, match="another run"):
        Run(tmp_path, network(), Schedule(), identity="other").train([], SPECIAL, report=print)


DATA = Path("../shared/data")


def test_the_loss_in_bfloat16_is_about_the_same_and_its_gradients_are_finite() -> None:
    made = lessons(
        [example("Ada Quill led it.", "Ada Quill"), example("It rained.")], TOKENIZER, seed=0
    )
    net = network()
    exact = losses(net, made, SPECIAL, relevance=0.5)
    fast = losses(net, made, SPECIAL, relevance=0.5, bfloat16=True)
    assert fast.dtype == torch.float32
    assert 0 < abs(float(exact.detach()) - float(fast.detach())) < 0.05
    fast.backward()  # type: ignore[no-untyped-call]
    assert all(p.grad is None or p.grad.isfinite().all() for p in net.parameters())


def test_training_starts_from_weights_made_before_without_their_dropout(tmp_path: Path) -> None:
    from training.__main__ import network_at

    made = network()
    export(made, tmp_path / "reader.safetensors")
    started = network_at(tmp_path / "reader.safetensors", seed=1)
    assert started.encoder.config.hidden_dropout_prob == 0.0
    assert started.encoder.config.attention_probs_dropout_prob == 0.0
    assert all(m.p == 0.0 for m in started.modules() if isinstance(m, torch.nn.Dropout))
    torch.testing.assert_close(started.span.weight, made.span.weight, atol=1e-3, rtol=1e-2)


@pytest.mark.skipif(not (DATA / "reader").is_dir(), reason="the reader data is not here")
def test_the_training_command_runs_to_the_end_on_one_percent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from training.__main__ import BLEND, main

    found = [
        example("Then Ada Quill led it.", "Ada Quill", group=0),
        example("It rained.", group=0),
    ]
    monkeypatch.setattr("training.__main__.mined", lambda *_, **__: found)
    monkeypatch.setattr(
        "sys.argv",
        ["training", "--out", str(tmp_path), "--share", "0.01", "--news", "2022", "made-up"],
    )
    try:
        main()
    finally:
        torch.use_deterministic_algorithms(False)
        torch.set_flush_denormal(False)
    assert "SHA-256" in capsys.readouterr().out
    assert (tmp_path / "reader.safetensors").stat().st_size < 50_000_000
    for figures in ("read-dev.json", "news-dev.json", "dev.json"):
        assert json.loads((tmp_path / figures).read_text())
    first, second = (
        load_file(tmp_path / name / "weights.safetensors")["span.weight"]
        for name in ("read", "news")
    )
    kept = load_file(tmp_path / "reader.safetensors")["span.weight"]
    assert not torch.allclose(first, second, atol=1e-4)
    assert torch.allclose(kept.float(), first.lerp(second, BLEND), atol=1e-3)
