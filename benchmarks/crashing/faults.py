"""What goes wrong in a process, and when: compiled where there is a C compiler, else in Python."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

How = Literal["before", "after", "torn", "full", "full once", "limit", "time", "term", "end",
              "none"]  # fmt: skip
_MODES = {"before": 1, "after": 2, "torn": 3, "full": 4, "full once": 5}
LIBRARY = "NEWSQA_FAULTS"
"""Names the compiled library in the environment of the processes that load it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`at`: which call that changes a file, counted from the start of an operation (`operation`,
    its place in the script); bytes for "limit", seconds for "time" and "term".  "end" is when all
    is done and nothing closed."""

    how: How
    operation: int = 0
    at: float = 0
    dies: bool = False
    """Whether the process is killed as soon as it has met the full disk."""

    def as_json(self) -> dict[str, Any]:
        """For the process that it happens to."""
        return asdict(self)


def compiled(folder: Path) -> Path | None:
    """The library, made in a folder; None where there is no C compiler or it can't be loaded."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    library = folder / "faults.so"
    source = Path(__file__).with_name("faults.c")
    if compiler is None:
        return None
    made = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"],
        capture_output=True,
        check=False,
    )
    return library if made.returncode == 0 else None


class Faults:
    """In the process that they happen to."""

    def __init__(self, log: int):
        self._log = log
        self._library = ctypes.CDLL(os.environ[LIBRARY]) if LIBRARY in os.environ else None
        self._python = _Python() if self._library is None else None

    def arm(self, fault: Fault) -> None:
        """From now on."""
        if fault.how == "limit":
            _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(fault.at), most))
        elif fault.how in _MODES:
            self._arm(int(fault.at), fault.how)

    def disarm(self) -> None:
        """Count calls, and let all go well."""
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        self._arm(0, "none")

    def calls(self) -> int:
        """How many there were since the last of the two."""
        if self._library is not None:
            return int(self._library.fault_calls())
        assert self._python is not None
        return self._python.calls

    def _arm(self, at: int, how: str) -> None:
        if self._library is not None:
            self._library.fault_arm(ctypes.c_long(at), _MODES.get(how, 0), self._log)
        else:
            assert self._python is not None
            self._python.arm(at, how)


class _Python:
    """The same for what Python itself calls, the store's commits and the lexicon's.

    A disk that is full is left to "limit".
    """

    def __init__(self) -> None:
        from newsqa.indexing.lexicon import Lexicon
        from newsqa.indexing.store import Store

        self.calls = 0
        self._at, self._how = 0, "none"
        for name in ("replace", "rename", "fsync", "unlink", "rmdir", "mkdir"):
            self._wrap(os, name)
        for name in ("write", "upgrade", "mend", "compact", "note_places"):
            self._wrap(Store, name)
        self._wrap(Lexicon, "_write")

    def arm(self, at: int, how: str) -> None:
        self.calls, self._at, self._how = 0, at, how

    def _wrap(self, owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            met = self.calls == self._at and self._how in ("before", "after", "torn")
            if met and self._how != "after":
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*arguments, **named)
            if met:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(owner, name, wrapped)
