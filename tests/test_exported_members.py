"""The API is what `newsqa` names, and naming it costs nothing."""

from __future__ import annotations

import dataclasses
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import newsqa

MEMBERS = [
    "Answer",
    "ArchiveError",
    "Article",
    "BuildReport",
    "Change",
    "CheckReport",
    "Choice",
    "Citation",
    "CompactReport",
    "Coverage",
    "EncoderError",
    "Evidence",
    "Hit",
    "IndexBusy",
    "IndexDamaged",
    "IndexInfo",
    "IndexMismatch",
    "IndexNotFound",
    "InputError",
    "NewsQA",
    "NewsQAError",
    "Passage",
    "Progress",
    "Query",
    "ReaderError",
    "Reference",
    "Settings",
    "SettingsError",
    "Skip",
    "SourceError",
    "Span",
    "VerificationError",
    "ask",
    "build",
    "read_settings",
    "remove",
]

HEAVY = ["torch", "numpy", "faiss", "tantivy", "gradio", "sqlite3", "datasketch"]


def test_all_names_the_api_and_nothing_else() -> None:
    assert newsqa.__all__ == MEMBERS
    assert dir(newsqa) == MEMBERS
    for name in MEMBERS:
        assert getattr(newsqa, name).__doc__, name


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = newsqa.no_such_thing


def test_import_brings_in_nothing_heavy() -> None:
    root = str(Path(newsqa.__file__).resolve().parent.parent)
    program = (
        f"import json, sys; sys.path.insert(0, {root!r}); import newsqa; "
        f"print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == []


def test_every_record_is_frozen_slotted_and_keyword_only() -> None:
    records = [
        member
        for name in MEMBERS
        if inspect.isclass(member := getattr(newsqa, name)) and dataclasses.is_dataclass(member)
    ]
    assert len(records) >= 15
    for record in records:
        parameters = record.__dataclass_params__
        assert parameters.frozen, record
        assert "__slots__" in vars(record), record
        assert all(field.kw_only for field in dataclasses.fields(record)), record


def test_every_error_descends_from_one() -> None:
    errors = [m for n in MEMBERS if inspect.isclass(m := getattr(newsqa, n))
              and issubclass(m, Exception)]  # fmt: skip
    assert len(errors) == 12
    assert all(issubclass(error, newsqa.NewsQAError) for error in errors)
    assert issubclass(newsqa.InputError, ValueError)
    for error in (newsqa.SourceError, newsqa.SettingsError):
        assert issubclass(error, newsqa.InputError)
    for error in (newsqa.IndexBusy, newsqa.IndexDamaged, newsqa.IndexMismatch,
                  newsqa.IndexNotFound):  # fmt: skip
        assert issubclass(error, newsqa.ArchiveError)
