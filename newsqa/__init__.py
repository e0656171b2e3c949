"""Questions to an archive of news articles, answered with citations that are checked.

import newsqa

newsqa.build(["articles/"], index="indexes/default")
answer = newsqa.ask("Who led the delegation?", index="indexes/default")
print(answer.text)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from newsqa.config import Settings, read_settings
from newsqa.errors import (
    ArchiveError,
    EncoderError,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexNotFound,
    InputError,
    NewsQAError,
    ReaderError,
    SettingsError,
    SourceError,
    VerificationError,
)
from newsqa.types import (
    Answer,
    Article,
    BuildReport,
    Change,
    CheckReport,
    Choice,
    Citation,
    CompactReport,
    Coverage,
    Evidence,
    Hit,
    IndexInfo,
    Passage,
    Progress,
    Query,
    Reference,
    Skip,
    Span,
)

if TYPE_CHECKING:
    from newsqa.pipeline import NewsQA, ask, build, remove

__version__ = "0.1.0"

__all__ = [
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

_LAZY = ("NewsQA", "ask", "build", "remove")


def __getattr__(name: str) -> Any:
    # The pipeline brings in numpy, FAISS and tantivy: only when it is used.
    if name in _LAZY:
        return getattr(import_module("newsqa.pipeline"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
