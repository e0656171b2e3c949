"""Lessons, batches, losses, and runs that were interrupted."""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, MPNetConfig, MPNetModel

from newsqa.synthesis.reader import SpanNetwork, Special, plain_tokenizer, read_weights
from training.deeper import deeper
from training.examples import read_examples, write_examples
from training.export import export
from training.lessons import MAX_TOKENS, Lesson, batches, chosen, lessons, without
from training.loss import Batch, Soft, Weights, collate, losses
from training.rows import Example
from training.teacher import (
    LIKELIEST,
    Teacher,
    digest,
    load_soft,
    save_soft,
    soft_labels,
    verify_weights,
)
from training.train import Run, Schedule, ahead, network_at

TOKENIZER = plain_tokenizer()
SPECIAL = Special.of(TOKENIZER)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def network(seed: int = 0, *, layers: int = 1) -> SpanNetwork:
    torch.manual_seed(seed)
    return SpanNetwork(
        BertConfig(
            vocab_size=TOKENIZER.get_vocab_size(),
            hidden_size=16,
            num_hidden_layers=layers,
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
    assert len(lesson.ids) <= MAX_TOKENS
    assert TOKENIZER.decode(lesson.ids[first : last + 1].tolist()) == "ada quill"
    assert TOKENIZER.decode(lesson.ids[: lesson.first].tolist()) == (
        "who led the rescue at the river? river floods"
    )


def test_an_answer_longer_than_a_window_is_neither_there_nor_missing() -> None:
    (lesson,) = lessons([example(LONG, LONG.strip())], TOKENIZER, seed=0)
    assert not lesson.labelled


def test_how_a_lesson_is_cut_does_not_depend_on_the_others() -> None:
    long, longer = example(LONG, "Ada Quill"), example("More. " + LONG, "Ada Quill")
    alone = lessons([longer], TOKENIZER, seed=0)[0]
    beside = lessons([long, longer], TOKENIZER, seed=0)[1]
    assert digest(alone) == digest(beside)


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
            assert len(batch) * max(len(lesson.ids) for lesson in batch) <= 600
    assert [list(map(id, b)) for b in found] == [
        list(map(id, b)) for b in batches(made, 600, seed=1)
    ]


def test_each_pass_has_everything_again_in_another_order() -> None:
    made = lessons([example("It rained. " * (n % 7 + 1)) for n in range(60)], TOKENIZER, seed=0)
    flat = [id(lesson) for batch in batches(made, 200, seed=1, times=2) for lesson in batch]
    assert sorted(flat) == sorted([*map(id, made), *map(id, made)])
    assert flat[:60] != flat[60:]


def loss_of(
    net: SpanNetwork,
    rows: list[Lesson],
    weights: Weights,
    soft: list[Soft] | None = None,
    **options: Any,
) -> torch.Tensor:
    return losses(net, collate(rows, SPECIAL, soft=soft), weights, **options)


SPANS_ALONE = Weights(relevance=0.0)


def logits_of(net: SpanNetwork, lesson: Lesson) -> tuple[torch.Tensor, ...]:
    ids = torch.tensor(lesson.ids[None].astype(np.int64))
    types = torch.zeros_like(ids)
    types[:, lesson.first :] = 1
    return net(ids, types, torch.ones_like(ids))


def test_the_loss_of_a_span_is_its_negative_log_probability() -> None:
    lesson = lessons([example("Ada Quill led it.", "Ada Quill")], TOKENIZER, seed=0)[0]
    net = network()
    found = float(loss_of(net, [lesson], SPANS_ALONE).detach())
    start, end, _ = logits_of(net, lesson)
    places = [0, *range(lesson.first, len(lesson.ids) - 1)]
    first, last = lesson.spans[0]
    start, end = start[0].log_softmax(-1), end[0].log_softmax(-1)
    expected = -(start[first] - start[places].logsumexp(0) + end[last] - end[places].logsumexp(0))
    assert math.isclose(found, float(expected.detach()), rel_tol=1e-4)


def test_a_part_of_the_lessons_has_of_each_kind_and_whole_groups() -> None:
    made = lessons(
        [
            *(example(f"Report {n}: Ada led it.", "Ada", group=n // 2) for n in range(80)),
            *(example(f"Report {n}.", labelled=False, group=n // 4) for n in range(400, 480)),
            *(example(f"Report {n}.") for n in range(80)),
        ],
        TOKENIZER,
        seed=0,
    )
    found = chosen(made, 64, seed=0)
    kinds = Counter((row.group >= 0, row.labelled) for row in found)
    assert kinds == {(True, True): 32, (False, True): 24, (True, False): 8}
    members = Counter(row.group for row in found if row.group >= 0)
    assert {size for group, size in members.items() if group < 100} == {2}
    assert {size for group, size in members.items() if group >= 100} == {4}
    assert found != chosen(made, 64, seed=1)
    alone = [row for row in made if row.group < 0]
    assert len(chosen(alone, 60, seed=0)) == 60
    assert len(chosen(made, 10**6, seed=0)) == len(made)
    rest = without(made, found)
    assert len(rest) == len(made) - len(found)
    assert not {id(row) for row in rest} & {id(row) for row in found}
    assert without(made, chosen(made, 0, seed=0)) == made


def test_the_mean_of_two_readers_lies_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from training import mean

    paths = [tmp_path / name for name in ("first", "second", "mean")]
    first, second = network(), network()
    with torch.no_grad():
        second.span.weight += 1.0
    export(first, paths[0])
    export(second, paths[1])
    command = ["mean", *map(str, paths[:2]), "--share", "0.25", "--out", str(paths[2])]
    monkeypatch.setattr("sys.argv", command)
    mean.main()
    found = read_weights(paths[2])
    torch.testing.assert_close(found.span.weight, first.span.weight + 0.25, atol=2e-3, rtol=0)
    assert hashlib.sha256(paths[2].read_bytes()).hexdigest() in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", [*command, "--eight-bit", "all"])
    size = paths[2].stat().st_size
    mean.main()
    assert paths[2].stat().st_size < size
    torch.testing.assert_close(read_weights(paths[2]).span.weight, found.span.weight)
    export(deeper(second, 2), paths[1])
    monkeypatch.setattr("sys.argv", command)
    mean.main()
    deepened = read_weights(paths[2])
    assert deepened.encoder.config.num_hidden_layers == 2
    torch.testing.assert_close(deepened.span.weight, found.span.weight)
    swapped = ["mean", *command[2:0:-1], *command[3:]]
    for wrong in ([*command, "--share", "1.5"], swapped):
        monkeypatch.setattr("sys.argv", wrong)
        with pytest.raises(SystemExit):
            mean.main()
    assert "has 2 layers and" in capsys.readouterr().err


def test_a_further_training_starts_from_weights_made_before_without_dropout(
    tmp_path: Path,
) -> None:
    made = network()
    export(made, tmp_path / "reader.safetensors")
    started = network_at(tmp_path / "reader.safetensors")
    assert all(m.p == 0.0 for m in started.modules() if isinstance(m, torch.nn.Dropout))
    torch.testing.assert_close(started.span.weight, made.span.weight, atol=1e-3, rtol=1e-2)


@pytest.mark.parametrize(("had", "layers"), [(1, 2), (3, 3), (3, 4), (3, 5), (3, 6)])
def test_a_deeper_reader_reads_as_the_one_that_it_starts_from(had: int, layers: int) -> None:
    made = network(layers=had).eval()
    with torch.no_grad():
        for module in made.modules():
            if isinstance(module, torch.nn.Linear):
                module.weight *= 20  # else no layer adds much
    found = deeper(made, layers).eval()
    assert found.encoder.config.num_hidden_layers == layers
    ids = torch.arange(1000, 1020)[None]
    others = torch.zeros_like(ids), torch.ones_like(ids)
    for own, known in zip(found(ids, *others), made(ids, *others), strict=True):
        torch.testing.assert_close(own, known, atol=1e-3, rtol=1e-3)
    assert deeper(made, had)(ids, *others)[0].equal(made(ids, *others)[0])


@pytest.mark.parametrize(
    ("layers", "of"),
    [(3, [0, 1, 2]), (4, [0, 0, 1, 2]), (5, [0, 0, 1, 1, 2]), (6, [0, 0, 1, 1, 2, 2])],
)
def test_a_new_layer_looks_where_the_one_before_it_looks(layers: int, of: list[int]) -> None:
    made = network(layers=3)
    found = deeper(made, layers)
    for place, at in enumerate(of):
        copy = found.encoder.encoder.layer[place].attention.self.query.weight
        assert copy.equal(made.encoder.encoder.layer[at].attention.self.query.weight)


def test_what_a_new_layer_gives_back_has_the_mean_and_spread_of_what_it_was_given() -> None:
    made = network().eval()
    normal = made.encoder.encoder.layer[0].output.LayerNorm
    with torch.no_grad():
        normal.weight.uniform_(1.8, 4.2)
        normal.bias.uniform_(0.5, 1.5)
    ids = torch.arange(1000, 1064)[None]

    def states(net: SpanNetwork) -> torch.Tensor:
        state: torch.Tensor = net.encoder(input_ids=ids).last_hidden_state
        return state

    with torch.no_grad():
        before, after = states(made), states(deeper(made, 2).eval())
    apart = (after - before).square().mean() / before.var()
    assert float(apart) < 0.05


@pytest.mark.parametrize("layers", [0, 2, 7])
def test_a_reader_gets_no_fewer_layers_and_at_most_twice_as_many(layers: int) -> None:
    with pytest.raises(ValueError, match="expected 3 to 6"):
        deeper(network(layers=3), layers)


def test_every_new_layer_learns() -> None:
    made = deeper(network(layers=2), 4)
    before = {name: value.clone() for name, value in made.state_dict().items()}
    row = lessons([example("Then Ada Quill led it.", "Ada Quill")], TOKENIZER, seed=0)
    optimizer = torch.optim.SGD(made.parameters(), lr=1.0)
    for _ in range(2):
        losses(made, collate(row, SPECIAL), Weights()).backward()
        optimizer.step()
        optimizer.zero_grad()
    for layer in range(4):
        for part in ("attention.self.value", "attention.output.dense", "output.dense"):
            name = f"encoder.encoder.layer.{layer}.{part}.weight"
            assert not torch.equal(before[name], made.state_dict()[name])


def test_a_group_is_normalised_over_all_its_passages() -> None:
    grouped = lessons(
        [
            example("Ada Quill led it. Ada Quill won.", "Ada Quill", group=0),
            example("It rained.", group=0),
            example("It rained all day.", group=1),  # a group that nothing answers
            example("It snowed.", group=1),
            example("It rained too.", "rained"),
        ],
        TOKENIZER,
        seed=0,
    )
    net = network()
    ungrouped = [replace(row, group=-1) for row in grouped]
    shared = loss_of(net, grouped, SPANS_ALONE) - loss_of(net, ungrouped, SPANS_ALONE)
    own, other = (logits_of(net, row) for row in grouped[:2])
    (first, last), *_ = grouped[0].spans
    normal = sum(
        torch.cat(
            [
                logits[0][row.first : len(row.ids) - 1]
                for logits, row in zip((own[side], other[side]), grouped, strict=False)
            ]
        ).logsumexp(0)
        for side in (0, 1)
    )
    expected = normal - own[0][0][first] - own[1][0][last]
    assert math.isclose(float(shared.detach()), float(expected.detach()), rel_tol=1e-3)


def test_without_a_label_only_a_teacher_moves_the_weights() -> None:
    known, unknown = lessons(
        [example("Ada Quill led it.", "Ada Quill"), example("It rained.", labelled=False)],
        TOKENIZER,
        seed=0,
    )
    net = network()
    alone = float(loss_of(net, [known], Weights()).detach())
    both = float(loss_of(net, [known, unknown], Weights()).detach())
    assert math.isclose(alone, both, rel_tol=1e-4)
    for teacher in (network(1), network(2)):
        soft = soft_labels(teacher, [unknown], SPECIAL)
        found = loss_of(net, [unknown], Weights(soft=1.0), soft)
        found.backward()  # type: ignore[no-untyped-call]
        assert float(found.detach()) > 0
        assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_a_teacher_is_asked_for_the_likeliest_tokens_that_can_be_read() -> None:
    short, long = lessons([example("Rain."), example("It rained. " * 9)], TOKENIZER, seed=0)
    teacher = network(1)
    for row, told in zip((short, long), soft_labels(teacher, [short, long], SPECIAL), strict=True):
        logits = torch.stack(logits_of(teacher, row)[:2])[:, 0].detach().numpy()
        readable = [0, *range(row.first, len(row.ids) - 1)]
        count = min(LIKELIEST, len(readable))
        for side in (0, 1):
            best = sorted(readable, key=lambda at: -logits[side][at])[:count]
            assert told.places[side][:count].tolist() == best
            assert set(told.places[side].tolist()) == set(best)
            assert np.allclose(told.logits[side][:count], logits[side][best], atol=1e-2)


@pytest.mark.parametrize("heat", [1.0, 2.0])
def test_who_says_what_the_teacher_says_has_nothing_to_learn_of_it(heat: float) -> None:
    rows = lessons(
        [
            example("Ada led it.", "Ada", group=0),
            example("It rained.", group=0),
            example("It snowed."),
        ],
        TOKENIZER,
        seed=0,
    )
    weights = Weights(soft=1.0, relevance=0.0, temperature=heat)
    # All that they hold is asked for, so that nothing is left to be guessed.
    assert all(len(row.ids) - row.first <= LIKELIEST for row in rows)
    soft = soft_labels(network(1), rows, SPECIAL)
    assert abs(float(loss_of(network(1), rows, weights, soft).detach())) < 1e-4
    assert float(loss_of(network(2), rows, weights, soft).detach()) > 1e-4


def test_what_a_teacher_says_is_kept(tmp_path: Path) -> None:
    rows = lessons([example("It rained. " * n) for n in (3, 1, 2)], TOKENIZER, seed=0)
    told = soft_labels(network(1), rows, SPECIAL)
    save_soft(tmp_path / "said.npz", [*rows, rows[0]], [*told, told[0]])
    said = load_soft(tmp_path / "said.npz")
    assert len(said) == len(rows)
    for row, before in zip(rows, told, strict=True):
        after = said[digest(row)]
        assert np.array_equal(before.places, after.places)
        assert np.array_equal(before.logits, after.logits)
        assert math.isclose(before.relevance, after.relevance, abs_tol=1e-3)
    assert digest(replace(rows[0], first=rows[0].first + 1)) not in said


class Killed(Exception):
    """What stands for a process that ends in the middle."""


def trained(folder: Path, *, kill_at: int | None = None) -> dict[str, torch.Tensor]:
    made = lessons(
        [example("It rained. " * (n % 9) + "Ada Quill led it.", "Ada Quill") for n in range(400)],
        TOKENIZER,
        seed=0,
    )
    found = batches(made, 256, seed=0)
    net = network()
    run = Run(folder, net, Schedule(save_every=15), identity="made")

    def report(line: dict[str, float]) -> None:
        if kill_at is not None and line["step"] >= kill_at:
            raise Killed

    run.train(found, SPECIAL, report=report)
    return net.state_dict()


@pytest.mark.parametrize("count", [0, 1, 4, 5, 20])
def test_batches_that_are_made_ahead_are_all_there_in_order(count: int) -> None:
    rows: list[list[Lesson]] = [[] for _ in range(count)]
    at = {id(row): number for number, row in enumerate(rows)}
    found = ahead(lambda row: cast("Batch", at[id(row)]), rows)
    assert list(found) == list(range(count))


def test_what_fails_ahead_fails_in_its_place_and_ends_the_thread() -> None:
    rows: list[list[Lesson]] = [[] for _ in range(9)]
    done = 0

    def ready(row: Sequence[Lesson]) -> Batch:
        nonlocal done
        done += 1
        if row is rows[3]:
            raise Killed
        return cast("Batch", None)

    before, found = threading.active_count(), ahead(ready, rows)
    for _ in range(3):
        next(found)
    with pytest.raises(Killed):
        next(found)
    assert threading.active_count() == before
    assert done < len(rows)


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
    exact = loss_of(net, made, Weights())
    fast = loss_of(net, made, Weights(), bfloat16=True)
    assert fast.dtype == torch.float32
    assert 0 < abs(float(exact.detach()) - float(fast.detach())) < 0.05
    fast.backward()  # type: ignore[no-untyped-call]
    assert all(p.grad is None or p.grad.isfinite().all() for p in net.parameters())


def made_teacher(folder: Path) -> Path:
    """A small network of the teacher's kind, with chance for weights and the marks of its own."""
    own = plain_tokenizer()
    own.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    torch.manual_seed(3)
    config = MPNetConfig(
        vocab_size=own.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        pad_token_id=own.token_to_id("<pad>"),
    )
    folder.mkdir(exist_ok=True)
    MPNetModel(config, add_pooling_layer=False).save_pretrained(folder)
    own.save(str(folder / "tokenizer.json"))
    return folder


def test_a_teacher_reads_the_same_tokens_under_its_own_numbers(tmp_path: Path) -> None:
    teacher = Teacher(made_teacher(tmp_path), TOKENIZER, seed=0).eval()
    own = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    seen: list[torch.Tensor] = []
    teacher.encoder.register_forward_pre_hook(
        lambda _, __, fields: seen.append(fields["input_ids"]), with_kwargs=True
    )
    short, long = lessons(
        [example("It rained."), example("Ada Quill led it.", "Ada")], TOKENIZER, seed=0
    )
    told = soft_labels(teacher, [short, long], SPECIAL)
    tokens = [own.id_to_token(number) for number in seen[0][1].tolist()]  # the longest is first
    assert tokens[0] == "<s>"
    assert tokens.count("</s>") == 3
    assert tokens[short.first : len(short.ids) - 1] == ["it", "rained", "."]
    assert set(tokens[len(short.ids) :]) == {"<pad>"}
    # Beside a longer lesson it says the same of a short one as alone.
    (alone,) = soft_labels(teacher, [short], SPECIAL)
    assert np.array_equal(alone.places, told[0].places)
    assert np.allclose(alone.logits, told[0].logits, atol=1e-2)


def test_weights_of_another_teacher_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="SHA-256"):
        verify_weights(made_teacher(tmp_path))


def test_what_is_gathered_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = [
        example("Ada Quill led it.\nA line.\u2028", "Ada Quill", group=2),
        example("Ada Quill led it.\nA line.\u2028", labelled=False),
        example("", title=""),
    ]
    kept = tmp_path / "examples.xz"
    write_examples(kept, made, of={"seed": 0, "news": "2022"})
    assert read_examples(kept) == read_examples(kept, of={"seed": 0}) == made
    with pytest.raises(SystemExit, match="'seed': 1"):
        read_examples(kept, of={"seed": 1})


@pytest.mark.skipif(not (DATA / "reader").is_dir(), reason="the reader data is not here")
def test_the_training_command_runs_to_the_end_on_one_percent(
    tmp_path: Path,
    told_twice: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from training.__main__ import main

    found = [
        example("Then Ada Quill led it.", "Ada Quill", group=0),
        example("It rained.", group=0),
    ]
    monkeypatch.setattr("training.__main__.mined", lambda *_, **__: found)
    monkeypatch.setattr("training.__main__.verify_weights", lambda _: None)
    out, teacher = tmp_path / "run", made_teacher(tmp_path / "teacher")
    command = ["training", "--out", str(out), "--share", "0.01", "--passes", "1"]
    command += ["--lessons", "150"]
    command += ["--news", "2022", str(told_twice), "--teacher", str(teacher)]
    try:
        monkeypatch.setattr("sys.argv", [*command, "--gather-only"])
        main()
        assert [each.name for each in out.iterdir()] == ["examples.xz"]
        sources = {each.source for each in read_examples(out / "examples.xz")}
        assert {"made", "cloze", "elsewhere", "swapped", "retrieved"} < sources
        monkeypatch.setattr("sys.argv", [*command, "--teach-only"])
        main()
        assert not (out / "reader").exists()
        monkeypatch.setattr("sys.argv", command)
        main()
        for other in (["--lessons", "120"], ["--start", str(out / "reader.safetensors")]):
            monkeypatch.setattr("sys.argv", [*command, *other])
            with pytest.raises(SystemExit, match="another run"):
                main()
        further = tmp_path / "further"
        further.mkdir()
        (out / "examples.xz").rename(further / "examples.xz")
        command[command.index(str(out))] = str(further)
        command[command.index("--teacher") :] = ["--said", str(out / "said.npz")]
        monkeypatch.setattr("sys.argv", [*command, "--layers", "7"])
        with pytest.raises(SystemExit):
            main()
        command += ["--start", str(out / "reader.safetensors"), "--lessons", "40"]
        for layers in ("6", "13"):
            monkeypatch.setattr("sys.argv", [*command, "--layers", layers])
            with pytest.raises(SystemExit):
                main()
        monkeypatch.setattr("sys.argv", [*command, "--layers", "7"])
        main()
        monkeypatch.setattr("sys.argv", [*command, "--layers", "8"])
        with pytest.raises(SystemExit, match="another run"):
            main()
    finally:
        torch.use_deterministic_algorithms(False)
        torch.set_flush_denormal(False)
    printed = capsys.readouterr()
    assert "SHA-256" in printed.out
    assert "--layers needs --start" in printed.err
    assert read_weights(further / "reader.safetensors").encoder.config.num_hidden_layers == 7
    assert (out / "reader.safetensors").stat().st_size < 50_000_000
    for figures in ("teacher-dev.json", "dev.json"):
        assert json.loads((out / figures).read_text())
    trained = torch.load(out / "reader" / "checkpoint.pt")["network"]["span.weight"]
    kept = read_weights(out / "reader.safetensors").state_dict()["span.weight"]
    assert torch.allclose(trained, kept, atol=1e-3)
