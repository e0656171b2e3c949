"""Every error that newsqa raises on purpose.

    NewsQAError
    ├── InputError           something given to a call can't be used (also a ValueError)
    │   ├── SourceError      a path or address that was named does not exist or can't be read
    │   └── SettingsError    an unknown or impossible setting
    ├── EncoderError         a model can't be loaded, or is not the one it claims to be
    ├── ReaderError          the same of a reading model
    ├── ChatModelError       a chat model can't be set up: its package or its key is missing
    ├── ArchiveError         base of what concerns an index directory
    │   ├── IndexNotFound    there is no index there
    │   ├── IndexBusy        another process is writing to it
    │   ├── IndexMismatch    it was made by another encoder or a newer format
    │   └── IndexDamaged     the one truth itself can't be read
    └── VerificationError    an answer failed its own guarantees (a defect: please report it)

Each message says what was found, what was expected and what to do.  Refusing to answer
is a value (`Answer.status == "no_evidence"`), not an exception.
"""


class NewsQAError(Exception):
    """Base of all errors of this library."""


class InputError(NewsQAError, ValueError):
    """Something given to a call can't be used."""


class SourceError(InputError):
    """A path or address that was named does not exist or can't be read."""


class SettingsError(InputError):
    """An unknown or impossible setting."""


class EncoderError(NewsQAError):
    """A model can't be loaded, or is not the one it claims to be."""


class ReaderError(NewsQAError):
    """A reading model can't be loaded, or is not the one it claims to be."""


class ChatModelError(NewsQAError):
    """A chat model can't be set up."""


class ArchiveError(NewsQAError):
    """Base of the errors that concern an index directory."""


class IndexNotFound(ArchiveError):
    """There is no index at the given place."""


class IndexBusy(ArchiveError):
    """Another process is writing to the index."""


class IndexMismatch(ArchiveError):
    """The index was made by another encoder or by a newer version."""


class IndexDamaged(ArchiveError):
    """The index's one truth can't be read."""


class VerificationError(NewsQAError):
    """An answer failed its own guarantees."""
