"""Who may log in: names with salted hashes, of a file or of the environment."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from newsqa.errors import InputError

ENVIRONMENT = "NEWSQA_ACCOUNTS"
"""The variable that may hold accounts, one a line as in the file."""
SCHEME = "scrypt"
COST, BLOCK, PARALLEL = 2**15, 8, 1
"""Of scrypt, for new hashes: 32 MiB and about a tenth of a second each."""
MOST_COST = 2**20
LEAST_CHARS = 10
"""Of a password."""
TRIES = 5
"""Failures after which a name has to wait."""
WAIT_SECONDS = 30.0
MOST_NAMES = 10_000
"""Whose failures are remembered."""


class Accounts:
    """Names and their hashes."""

    def __init__(self, hashes: Mapping[str, str]):
        self._hashes = dict(hashes)
        # A name that there is not takes as long to refuse as one that there is.
        self._nobody = hash_password(secrets.token_hex(16))
        self._failed: dict[str, tuple[int, float]] = {}
        # Each check takes memory and a core: strangers can't have many at once.
        self._one = asyncio.Semaphore(2)

    def __len__(self) -> int:
        return len(self._hashes)

    async def check(self, name: str, password: str) -> bool:
        """Whether it is their password; a name is not heard for a while after failures."""
        failures, last = self._failed.get(name, (0, 0.0))
        if failures >= TRIES and time.monotonic() - last < WAIT_SECONDS:
            return False
        known = self._hashes.get(name)
        async with self._one:
            fits = await asyncio.to_thread(is_password, password, known or self._nobody)
        if known and fits:
            self._failed.pop(name, None)
            return True
        if len(self._failed) >= MOST_NAMES:
            self._failed.clear()
        self._failed[name] = (failures + 1, time.monotonic())
        return False


def read_accounts(file: str | Path | None) -> Accounts | None:
    """The accounts of a file, else those of the environment; None where neither is given.

    A line is `name:hash` as `newsqa account` prints it; blank ones and comments are passed over.
    Raises InputError, naming the line, for anything else, and where there is no account.
    """
    if file is not None:
        try:
            text, origin = Path(file).read_text(encoding="utf-8"), str(file)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"accounts can't be read from {file}: {error}") from error
    elif ENVIRONMENT in os.environ:
        text, origin = os.environ[ENVIRONMENT], f"${ENVIRONMENT}"
    else:
        return None
    hashes: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, _, hashed = line.partition(":")
        if not name or _parts(hashed) is None:
            raise InputError(
                f"{origin}, line {number}: expected name:hash as `newsqa account NAME` prints it"
            )
        if name in hashes:
            raise InputError(f"{origin}, line {number}: {name!r} is there already")
        hashes[name] = hashed
    if not hashes:
        raise InputError(f"{origin} holds no account: add what `newsqa account NAME` prints")
    return Accounts(hashes)


def account(name: str, password: str) -> str:
    """The line for an accounts file.  Raises InputError for what can't be a name or a password."""
    if not name or name != name.strip() or ":" in name or not name.isprintable():
        raise InputError(f"the name is {name!r}: expected printable characters and no colon")
    if name.startswith("#"):
        raise InputError("a name can't start with '#', which starts a comment")
    if len(password) < LEAST_CHARS:
        raise InputError(f"the password has {len(password)} characters, expected {LEAST_CHARS}")
    return f"{name}:{hash_password(password)}"


def hash_password(password: str) -> str:
    """`scrypt$cost$block$parallel$salt$digest`, salted anew each time."""
    salt = secrets.token_bytes(16)
    digest = _digest(password, salt, COST, BLOCK, PARALLEL)
    coded = (base64.b64encode(each).decode() for each in (salt, digest))
    return "$".join([SCHEME, str(COST), str(BLOCK), str(PARALLEL), *coded])


def is_password(password: str, hashed: str) -> bool:
    """Whether a hash is that of a password."""
    parts = _parts(hashed)
    if parts is None:
        return False
    cost, block, parallel, salt, digest = parts
    return hmac.compare_digest(_digest(password, salt, cost, block, parallel), digest)


def _digest(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt, n=cost, r=block, p=parallel, maxmem=256 * cost * block, dklen=32,
    )  # fmt: skip


def _parts(hashed: str) -> tuple[int, int, int, bytes, bytes] | None:
    """Cost, block, parallel, salt and digest of a hash; None where it is none."""
    try:
        scheme, cost, block, parallel, salt, digest = hashed.split("$")
        numbers = int(cost), int(block), int(parallel)
        salted = base64.b64decode(salt, validate=True)
        digested = base64.b64decode(digest, validate=True)
    except (ValueError, binascii.Error):
        return None
    power = 1 < numbers[0] <= MOST_COST and numbers[0] & (numbers[0] - 1) == 0
    small = 0 < numbers[1] <= 32 and 0 < numbers[2] <= 16
    if scheme != SCHEME or not power or not small or len(digested) != 32:
        return None
    return (*numbers, salted, digested)
