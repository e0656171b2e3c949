"""The reading model: what it reads at once, where its spans stand, and what is loaded as one."""

from __future__ import annotations

import hashlib
import json
import shutil
import string
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file
from tokenizers import Encoding, Tokenizer
from tokenizers.models import WordLevel
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForQuestionAnswering,
    BertModel,
)

from newsqa.config import Reading as ReadingSettings
from newsqa.embedding.bundled import bundled_folder
from newsqa.embedding.computing import WIDTHS
from newsqa.embedding.quiet import without_progress_bars
from newsqa.errors import ReaderError
from newsqa.synthesis import reader as module
from newsqa.synthesis.reader import (
    BUNDLED_READER,
    BUNDLED_SHA256,
    BUNDLED_WEIGHTS,
    MAX_QUESTION_TOKENS,
    MAX_TITLE_TOKENS,
    MAX_TOKENS,
    STRIDE,
    BundledReader,
    HubReader,
    SpanNetwork,
    Special,
    Window,
    collate,
    load_reader,
    plain_tokenizer,
    read_weights,
    windows,
)
from newsqa.synthesis.reading import Reader, Reading
from training.export import export

WORDS = "river bank town mayor rescue flood boat night water gauge".split()
QUESTION = "Who led the rescue?"
PASSAGES = [
    ("River floods", "Mayor Ada Quill led the rescue from the town hall."),
    ("", "Nobody was hurt."),
    ("Nothing", ""),
    ("Long", "The water rose by 6.4 metres in Kestmouth. " * 60),
    ("日本", "日本の首相は辞任した。 Café naïve — “quoted” …"),
    ("River floods", "About 340 people left their homes on Monday, and some of them came back."),
]


@cache
def tokenizer() -> Tokenizer:
    return plain_tokenizer()


@cache
def special() -> Special:
    return Special.of(tokenizer())


def encoded(text: str) -> Encoding:
    return tokenizer().encode(text, add_special_tokens=False)


def words(number: int) -> str:
    """That many tokens, each a word of its own."""
    return " ".join(WORDS[at % len(WORDS)] for at in range(number))


def tiny_config() -> BertConfig:
    # Weights large enough to tell one token from another.
    return BertConfig(
        vocab_size=tokenizer().get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        initializer_range=0.5,
    )


@cache
def tiny_network() -> SpanNetwork:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return SpanNetwork(tiny_config()).eval()


def tiny_reader(batch_size: int = 8) -> BundledReader:
    return BundledReader(
        tiny_network(), tokenizer(), name="tiny", batch_size=batch_size, precision="float32"
    )


def assert_alike(one: Sequence[Reading], other: Sequence[Reading]) -> None:
    assert len(one) == len(other)
    for mine, theirs in zip(one, other, strict=True):
        assert mine.relevance == pytest.approx(theirs.relevance, abs=1e-4)
        assert len(mine.parts) == len(theirs.parts)
        # Windows of one passage may come in any order.
        for a, b in zip(in_order(mine), in_order(theirs), strict=True):
            np.testing.assert_array_equal(a.offsets, b.offsets)
            np.testing.assert_allclose(a.start, b.start, atol=1e-4)
            np.testing.assert_allclose(a.end, b.end, atol=1e-4)
            assert a.no_answer == pytest.approx(b.no_answer, abs=1e-4)


def in_order(reading: Reading) -> list[Any]:
    return sorted(reading.parts, key=lambda part: part.offsets[:1].tolist())


# What is read at once.


@given(st.integers(0, 900), st.integers(0, 80), st.none() | st.integers(0, 40))
def test_windows_cover_every_token_of_a_passage(
    size: int, question_size: int, title_size: int | None
) -> None:
    passage = encoded(words(size))
    question = encoded(words(question_size))
    title = None if title_size is None else encoded(words(title_size))
    made = list(windows(question, title, passage, special()))
    assert all(len(window.ids) <= MAX_TOKENS for window in made)
    covered: list[tuple[int, int]] = []
    for number, window in enumerate(made):
        if number:
            assert list(window.offsets[:STRIDE]) == covered[-STRIDE:]
            assert len(window.offsets) > STRIDE
        covered += window.offsets[STRIDE if number else 0 :]
    assert covered == list(passage.offsets)


@given(st.integers(0, 400), st.integers(0, 80), st.integers(0, 40))
def test_a_window_is_question_title_and_passage_between_marks(
    size: int, question_size: int, title_size: int
) -> None:
    text = words(size)
    question, title, passage = encoded(words(question_size)), encoded(words(title_size)), text
    marks = special()
    head = [marks.cls, *question.ids[:MAX_QUESTION_TOKENS], marks.sep]
    if title_size:
        head += [*title.ids[:MAX_TITLE_TOKENS], marks.sep]
    for window in windows(question, title, encoded(passage), marks):
        assert list(window.ids[: window.first]) == head
        assert window.ids[-1] == marks.sep
        assert window.types == (0,) * len(head) + (1,) * (len(window.ids) - len(head))
        inner = window.ids[window.first : -1]
        assert [tokenizer().id_to_token(token) for token in inner] == [
            text[start:end] for start, end in window.offsets
        ]


def test_a_passage_that_just_fits_is_one_window() -> None:
    question = encoded(words(5))
    room = MAX_TOKENS - 5 - 3
    assert len(list(windows(question, None, encoded(words(room)), special()))) == 1
    first, second = windows(question, None, encoded(words(room + 1)), special())
    assert len(first.offsets) == room
    assert len(second.offsets) == STRIDE + 1


def test_a_batch_is_padded_to_its_longest_window() -> None:
    marks = special()
    rows: list[Window] = [
        next(windows(encoded("Who led?"), None, encoded(words(size)), marks)) for size in (3, 7, 0)
    ]
    batch = collate(rows, marks)
    assert batch.ids.shape == batch.types.shape == batch.mask.shape == batch.readable.shape
    assert batch.ids.shape == (3, len(rows[1].ids))
    for at, row in enumerate(rows):
        length = len(row.ids)
        assert tuple(batch.ids[at, :length].tolist()) == row.ids
        assert batch.mask[at].sum() == length
        assert (batch.ids[at, length:] == marks.pad).all()
        readable = [0, *range(row.first, row.first + len(row.offsets))]
        assert batch.readable[at].nonzero().flatten().tolist() == readable


def test_a_vocabulary_without_marks_is_refused() -> None:
    other = Tokenizer(WordLevel({"river": 0}, unk_token="river"))
    with pytest.raises(ReaderError, match=r"\[CLS\]"):
        BundledReader(tiny_network(), other, name="tiny")


# Our own network.


def test_each_passage_has_a_reading_in_its_place() -> None:
    read = tiny_reader(batch_size=2).read(QUESTION, PASSAGES)
    assert len(read) == len(PASSAGES)
    for (_, text), reading in zip(PASSAGES, read, strict=True):
        covered = {tuple(place) for part in reading.parts for place in part.offsets.tolist()}
        assert covered == set(encoded(text).offsets)
        assert np.isfinite(reading.relevance)


def test_a_passage_is_read_alike_whatever_else_is_read() -> None:
    whole = tiny_reader().read(QUESTION, PASSAGES)
    for batch_size in (1, 2, 100):
        assert_alike(tiny_reader(batch_size).read(QUESTION, PASSAGES), whole)
    alone = [tiny_reader().read(QUESTION, [passage])[0] for passage in PASSAGES]
    assert_alike(alone, whole)
    backwards = tiny_reader().read(QUESTION, PASSAGES[::-1])
    assert_alike(backwards[::-1], whole)


def test_it_says_what_the_network_says_of_each_token() -> None:
    title, text = PASSAGES[0]
    (reading,) = tiny_reader().read(QUESTION, [(title, text)])
    marks = special()
    first, second, third = (encoded(t).ids for t in (QUESTION, title, text))
    head = [marks.cls, *first, marks.sep, *second, marks.sep]
    ids = torch.tensor([[*head, *third, marks.sep]])
    types = torch.tensor([[0] * len(head) + [1] * (len(third) + 1)])
    with torch.inference_mode():
        start, end, relevance = tiny_network()(ids, types, torch.ones_like(ids))
    (part,) = reading.parts
    np.testing.assert_allclose(part.start, start[0, len(head) : -1], atol=1e-4)
    np.testing.assert_allclose(part.end, end[0, len(head) : -1], atol=1e-4)
    assert np.ptp(part.start) > 0.1
    assert part.no_answer == pytest.approx(float(start[0, 0] + end[0, 0]), abs=1e-4)
    assert reading.relevance == pytest.approx(float(relevance[0]), abs=1e-4)


def test_a_title_and_a_question_make_a_difference() -> None:
    text = PASSAGES[0][1]
    one, two = tiny_reader().read(QUESTION, [("River floods", text), ("", text)])
    (three,) = tiny_reader().read("How high was the water?", [("", text)])
    assert not np.allclose(one.parts[0].start, two.parts[0].start, atol=1e-2)
    assert not np.allclose(two.parts[0].start, three.parts[0].start, atol=1e-2)


@pytest.mark.parametrize("question", [QUESTION, ""])
def test_nothing_to_read_is_nothing_read(question: str) -> None:
    assert tiny_reader().read(question, []) == []
    (reading,) = tiny_reader().read(question, [("", "")])
    assert reading.spans(3) == []
    assert np.isfinite(reading.relevance)


def test_a_long_passage_is_read_in_parts_the_most_relevant_of_which_counts() -> None:
    title, text = PASSAGES[3]
    (reading,) = tiny_reader().read(QUESTION, [(title, text)])
    parts = in_order(reading)
    assert len(parts) > 1
    assert {part.no_answer for part in parts} != {parts[0].no_answer}
    for before, after in pairwise(parts):
        np.testing.assert_array_equal(before.offsets[-STRIDE:], after.offsets[:STRIDE])
    one_at_a_time = []
    for window in windows(encoded(QUESTION), encoded(title), encoded(text), special()):
        batch = collate([window], special())
        with torch.inference_mode():
            one_at_a_time.append(float(tiny_network()(batch.ids, batch.types, batch.mask)[2][0]))
    assert reading.relevance == pytest.approx(max(one_at_a_time), abs=1e-4)


@settings(max_examples=40)
@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=60))
def test_tokens_stand_within_the_text_whatever_it_is(text: str, title: str, question: str) -> None:
    (reading,) = tiny_reader().read(question, [(title, text)])
    for part in reading.parts:
        assert part.offsets.shape == (len(part.start), 2) == (len(part.end), 2)
        assert (part.offsets >= 0).all()
        assert (part.offsets <= len(text)).all()
        assert (part.offsets[:, 0] <= part.offsets[:, 1]).all()
    for span in reading.spans(8):
        assert 0 <= span.start < span.end <= len(text)


def test_spans_are_words_of_the_passage() -> None:
    (reading,) = tiny_reader().read(QUESTION, [PASSAGES[0]])
    text = PASSAGES[0][1]
    for span in reading.spans(8):
        assert text[span.start - 1 : span.start] in ("", " ")
        assert text[span.end : span.end + 1] in ("", " ", ".")


def test_it_may_be_asked_from_several_threads() -> None:
    reader, expected = tiny_reader(), tiny_reader().read(QUESTION, PASSAGES)
    with ThreadPoolExecutor(4) as threads:
        for read in threads.map(lambda _: reader.read(QUESTION, PASSAGES), range(8)):
            assert_alike(read, expected)


# The file of its weights.


@pytest.mark.parametrize("eight_bit", ["none", "embeddings", "all"])
def test_weights_that_were_written_are_read_again(tmp_path: Path, eight_bit: str) -> None:
    path = tmp_path / "reader.safetensors"
    export(tiny_network(), path, eight_bit=eight_bit)
    again = read_weights(path)
    before, after = tiny_network().state_dict(), again.state_dict()
    assert before.keys() == after.keys()
    with safe_open(path, framework="pt") as stored:
        small = {name for name in stored.keys() if stored.get_tensor(name).dtype == torch.int8}  # noqa: SIM118
    assert len(small) == {"none": 0, "embeddings": 1}.get(eight_bit, len(small))
    assert all(f"{name}.scale" not in after for name in small)
    for name, value in before.items():
        assert after[name].dtype == torch.float32
        largest = value.abs().amax(-1, keepdim=True)
        # Half a step of 127, or what float16 keeps.
        bound = largest * (0.5 / 127 + 1e-3 if name in small else 1e-3)
        assert ((value - after[name]).abs() <= bound + 1e-6).all(), name
    reader = BundledReader(again, tokenizer(), name="again")
    one, two = reader.read(QUESTION, PASSAGES[:1]), tiny_reader().read(QUESTION, PASSAGES[:1])
    exact = {"none": 0.05, "embeddings": 0.2, "all": 1.0}[eight_bit]
    np.testing.assert_allclose(one[0].parts[0].start, two[0].parts[0].start, atol=exact)


def test_all_matrices_in_eight_bits_are_smaller_than_some(tmp_path: Path) -> None:
    sizes = []
    for eight_bit in ("none", "embeddings", "all"):
        path = tmp_path / f"{eight_bit}.safetensors"
        export(tiny_network(), path, eight_bit=eight_bit)
        sizes.append(path.stat().st_size)
    assert sizes[0] > sizes[1] > sizes[2]


def test_the_same_weights_are_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "new folder" / f"{number}.safetensors" for number in range(6)]
    digests = {export(tiny_network(), path) for path in paths}
    assert len(digests) == 1
    assert digests == {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file that training might have written."""
    path = tmp_path / "reader.safetensors"
    export(tiny_network(), path)
    return path


def with_metadata(path: Path, metadata: dict[str, str] | None) -> None:
    """The same tensors under other metadata."""
    with safe_open(path, framework="pt") as stored:
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    save_file(tensors, path, metadata=metadata)


def with_config(**changes: object) -> Callable[[Path], None]:
    """The same tensors as of a network of another shape."""

    def change(path: Path) -> None:
        with safe_open(path, framework="pt") as stored:
            config = json.loads(stored.metadata()["config"])
        with_metadata(path, {"config": json.dumps({**config, **changes})})

    return change


def test_a_file_is_a_reader_by_its_path(weights: Path) -> None:
    reader = load_reader(ReadingSettings(model=str(weights), batch_size=2))
    assert isinstance(reader, BundledReader)
    assert reader.name == str(weights)
    assert len(reader.read(QUESTION, PASSAGES)) == len(PASSAGES)


def test_the_bundled_weights_are_a_reader_by_name(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUNDLED_WEIGHTS", weights)
    monkeypatch.setattr(module, "BUNDLED_SHA256", hashlib.sha256(weights.read_bytes()).hexdigest())
    for chosen in (None, ReadingSettings(), ReadingSettings(model=BUNDLED_READER)):
        reader = load_reader(chosen)
        assert isinstance(reader, BundledReader)
        assert reader.name == BUNDLED_READER


def test_bundled_weights_that_are_not_ours_are_refused_with_both_digests(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = hashlib.sha256(weights.read_bytes()).hexdigest()
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    monkeypatch.setattr(module, "BUNDLED_WEIGHTS", weights)
    monkeypatch.setattr(module, "BUNDLED_SHA256", expected)
    with pytest.raises(ReaderError, match=expected) as refused:
        load_reader()
    assert hashlib.sha256(content).hexdigest() in str(refused.value)
    assert "reinstall newsqa" in str(refused.value)


def test_bundled_weights_that_are_missing_are_an_error_that_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUNDLED_WEIGHTS", tmp_path / "gone.safetensors")
    with pytest.raises(ReaderError, match=r"gone\.safetensors") as refused:
        load_reader()
    assert "written by newsqa's training" in str(refused.value)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def cut_in_the_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def make_empty(path: Path) -> None:
    path.write_bytes(b"")


def make_another_kind_of_file(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + bytes(2000))


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def remove(path: Path) -> None:
    path.unlink()


def without_a_tensor(path: Path) -> None:
    with safe_open(path, framework="pt") as stored:
        metadata = stored.metadata()
        names = [name for name in stored.keys() if not name.startswith("relevance")]  # noqa: SIM118
        tensors = {name: stored.get_tensor(name) for name in names}
    save_file(tensors, path, metadata=metadata)


@pytest.mark.parametrize(
    "damage",
    [
        remove,
        truncate,
        cut_in_the_header,
        make_empty,
        make_another_kind_of_file,
        make_a_folder,
        without_a_tensor,
        pytest.param(lambda path: with_metadata(path, None), id="no metadata"),
        pytest.param(lambda path: with_metadata(path, {"other": "1"}), id="no config"),
        pytest.param(lambda path: with_metadata(path, {"config": "{"}), id="no JSON"),
        pytest.param(lambda path: with_metadata(path, {"config": "[1]"}), id="a list"),
        pytest.param(with_config(hidden_size=32), id="too wide"),
        pytest.param(with_config(hidden_size=0), id="no width"),
        pytest.param(with_config(hidden_size="16"), id="width as text"),
        pytest.param(with_config(num_hidden_layers=2), id="too deep"),
        pytest.param(with_config(num_attention_heads=0), id="no heads"),
        pytest.param(with_config(num_attention_heads=3), id="heads that don't fit"),
        pytest.param(with_config(hidden_act="no such"), id="unknown activation"),
        pytest.param(with_config(vocab_size=100), id="another vocabulary"),
    ],
)
def test_a_file_that_is_no_reader_is_an_error_that_names_it(
    weights: Path, damage: Callable[[Path], None]
) -> None:
    damage(weights)
    with pytest.raises(ReaderError, match="can't be loaded") as refused:
        load_reader(ReadingSettings(model=str(weights)))
    assert str(weights) in str(refused.value)
    assert "Expected a .safetensors file written by newsqa's training" in str(refused.value)


def test_none_is_no_reader() -> None:
    assert load_reader(ReadingSettings(model="none")) is None


# A model with a question-answering head.


@pytest.fixture(scope="module")
def hub_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny one as the library saves it."""
    folder = tmp_path_factory.mktemp("hub") / "model"
    with torch.random.fork_rng(), without_progress_bars():
        torch.manual_seed(0)
        BertForQuestionAnswering(tiny_config()).save_pretrained(folder)
        AutoTokenizer.from_pretrained(bundled_folder()).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def hub_reader(hub_model: Path) -> Reader:
    reader = load_reader(ReadingSettings(model=str(hub_model), batch_size=2, precision="float32"))
    assert reader is not None
    return reader


def test_a_folder_is_a_reader_by_its_path(hub_model: Path, hub_reader: Reader) -> None:
    assert isinstance(hub_reader, HubReader)
    assert hub_reader.name == str(hub_model)


def test_what_a_named_model_reads_has_few_widths(hub_reader: Reader) -> None:
    assert isinstance(hub_reader, HubReader)
    widths: list[int] = []
    with torch.no_grad():
        watched = hub_reader._model.register_forward_pre_hook(
            lambda _model, _args, given: widths.append(given["input_ids"].shape[1]),
            with_kwargs=True,
        )
        try:
            for number in range(10, 90, 7):
                hub_reader.read(QUESTION, [("", words(number))])
        finally:
            watched.remove()
    assert len(widths) == len(range(10, 90, 7))
    assert {width % WIDTHS for width in widths} == {0}


def test_a_model_with_a_head_says_what_it_says_of_each_token(
    hub_model: Path, hub_reader: Reader
) -> None:
    text = PASSAGES[0][1]
    first, second = encoded(QUESTION), encoded(text)
    marks = special()
    head = [marks.cls, *first.ids, marks.sep]
    ids = torch.tensor([[*head, *second.ids, marks.sep]])
    types = torch.tensor([[0] * len(head) + [1] * (len(second.ids) + 1)])
    with without_progress_bars():
        model = BertForQuestionAnswering.from_pretrained(hub_model).eval()
    with torch.inference_mode():
        found = model(input_ids=ids, token_type_ids=types, attention_mask=torch.ones_like(ids))
    readings = hub_reader.read(QUESTION, PASSAGES)
    (part,) = readings[0].parts
    assert part.offsets.tolist() == [list(place) for place in second.offsets]
    inner = slice(len(head), -1)
    np.testing.assert_allclose(part.start, found.start_logits[0, inner], atol=1e-4)
    np.testing.assert_allclose(part.end, found.end_logits[0, inner], atol=1e-4)
    no_answer = float(found.start_logits[0, 0] + found.end_logits[0, 0])
    assert part.no_answer == pytest.approx(no_answer, abs=1e-4)
    best = float(part.start.max() + part.end.max())
    assert readings[0].relevance == pytest.approx(best - no_answer, abs=1e-3)


def test_a_model_with_a_head_reads_every_passage_whole_and_in_its_place(
    hub_reader: Reader,
) -> None:
    readings = hub_reader.read(QUESTION, PASSAGES)
    for (_, text), reading in zip(PASSAGES, readings, strict=True):
        covered = {tuple(place) for part in reading.parts for place in part.offsets.tolist()}
        assert covered == set(encoded(text).offsets)
        assert np.isfinite(reading.relevance)
    parts = in_order(readings[3])
    assert len(parts) > 1
    for before, after in pairwise(parts):
        np.testing.assert_array_equal(before.offsets[-STRIDE:], after.offsets[:STRIDE])
    assert readings[2].spans(3) == []
    assert hub_reader.read(QUESTION, []) == []


def test_a_model_with_a_head_reads_a_passage_alike_whatever_else_is_read(
    hub_reader: Reader,
) -> None:
    whole = hub_reader.read(QUESTION, PASSAGES)
    alone = [hub_reader.read(QUESTION, [passage])[0] for passage in PASSAGES]
    assert_alike(alone, whole)
    with ThreadPoolExecutor(4) as threads:
        for read in threads.map(lambda _: hub_reader.read(QUESTION, PASSAGES), range(4)):
            assert_alike(read, whole)


@pytest.mark.parametrize("question", ["why " * 500, "何故" * 900, "w" * 1000, ""])
def test_the_longest_and_the_shortest_question_leaves_room_for_the_passage(
    hub_reader: Reader, question: str
) -> None:
    for reader in (hub_reader, tiny_reader()):
        for (_, text), reading in zip(PASSAGES, reader.read(question, PASSAGES), strict=True):
            covered = {tuple(place) for part in reading.parts for place in part.offsets.tolist()}
            assert covered == set(encoded(text).offsets)


def refused(folder: Path) -> str:
    with pytest.raises(ReaderError, match="can't be loaded") as error:
        load_reader(ReadingSettings(model=str(folder)))
    return str(error.value)


class Marker:
    """Leaves a file behind where it is unpickled."""

    def __init__(self, path: Path):
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


@pytest.mark.parametrize("harmful", [False, True])
def test_pickled_weights_are_refused_unread(hub_model: Path, tmp_path: Path, harmful: bool) -> None:
    folder = shutil.copytree(hub_model, tmp_path / "pickled")
    (folder / "model.safetensors").unlink()
    state: dict[str, Any] = BertForQuestionAnswering(tiny_config()).state_dict()
    if harmful:
        state["harm"] = Marker(tmp_path / "harm")
    torch.save(state, folder / "pytorch_model.bin")
    message = refused(folder)
    assert str(folder) in message
    assert "safetensors" in message
    assert not (tmp_path / "harm").exists()


OWN_CODE = string.Template(
    """
from pathlib import Path
Path($marker).touch()
class Own:
    pass
"""
)


@pytest.mark.parametrize("file", ["tokenizer_config.json", "config.json"])
@pytest.mark.parametrize("known", [False, True])
def test_code_that_comes_with_a_model_is_not_run(
    hub_model: Path, tmp_path: Path, file: str, known: bool
) -> None:
    folder = shutil.copytree(hub_model, tmp_path / "own")
    marker = tmp_path / "was run"
    (folder / "own.py").write_text(OWN_CODE.substitute(marker=repr(str(marker))))
    config = json.loads((folder / file).read_text())
    config["auto_map"] = {
        "AutoConfig": "own.Own",
        "AutoModelForQuestionAnswering": "own.Own",
        "AutoTokenizer": ["own.Own", "own.Own"],
    }
    if not known:
        config["tokenizer_class"] = "Own"
        config["model_type"] = "own"
    (folder / file).write_text(json.dumps(config))
    with nullcontext() if known or file == "tokenizer_config.json" else pytest.raises(ReaderError):
        assert isinstance(load_reader(ReadingSettings(model=str(folder))), HubReader)
    assert not marker.exists()


def test_a_model_without_the_head_is_refused_and_not_left_to_chance(
    hub_model: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(hub_model, tmp_path / "headless")
    with without_progress_bars():
        BertModel(tiny_config()).save_pretrained(folder)
    assert "qa_outputs.weight" in refused(folder)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
@pytest.mark.parametrize("damage", [remove, make_empty, make_another_kind_of_file])
def test_a_folder_that_is_damaged_is_refused(
    hub_model: Path, tmp_path: Path, file: str, damage: Callable[[Path], None]
) -> None:
    folder = shutil.copytree(hub_model, tmp_path / "damaged")
    damage(folder / file)
    message = refused(folder)
    assert str(folder) in message
    assert "question-answering head" in message


@pytest.mark.parametrize("name", ["no-such-user/no-such-model", "no-such-folder/", ""])
def test_a_model_that_is_nowhere_is_refused(name: str) -> None:
    with pytest.raises(ReaderError, match="can't be loaded") as error:
        load_reader(ReadingSettings(model=name))
    assert repr(name) in str(error.value)
    assert BUNDLED_READER in str(error.value)


def test_the_shipped_weights_are_those_that_were_trained_and_read() -> None:
    reader = load_reader()
    assert reader is not None
    text = "The river Lune broke its banks on Monday. Mayor Ada Quill led the rescue by boat."
    led, unrelated = reader.read(
        "Who led the rescue?",
        [("River floods", text), ("Chess", "The chess title was decided in the last round.")],
    )
    best = led.spans(1)[0]
    assert "Ada Quill" in text[best.start : best.end]
    assert best.lead > 0 > unrelated.spans(1)[0].lead
    assert led.relevance > unrelated.relevance


def test_the_shipped_weights_are_small_and_hold_no_pickle() -> None:
    assert BUNDLED_WEIGHTS.stat().st_size < 50_000_000
    assert hashlib.sha256(BUNDLED_WEIGHTS.read_bytes()).hexdigest() == BUNDLED_SHA256
