"""Who may log in, and that nothing but the right password lets them."""

from __future__ import annotations

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from newsqa.errors import InputError
from newsqa.web import accounts
from newsqa.web.accounts import Accounts, account, hash_password, is_password, read_accounts
from newsqa.web.serving import serve

PASSWORD = "a long päss:word$"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "COST", 2**4)


def check(known: Accounts, name: str, password: str) -> bool:
    # In a thread of its own: where browser tests run too, this one has a loop already.
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(lambda: asyncio.run(known.check(name, password))).result()


def test_a_hash_fits_its_password_alone_and_is_new_each_time() -> None:
    hashed = hash_password(PASSWORD)
    assert PASSWORD not in hashed
    assert hashed != hash_password(PASSWORD)
    assert is_password(PASSWORD, hashed)
    assert not is_password(PASSWORD + " ", hashed)
    assert not is_password("", hashed)


@pytest.mark.parametrize(
    "hashed",
    ["", "plain", "scrypt$16$8$1$!!$AAAA", "md5$16$8$1$AAAA$" + "A" * 43 + "=",
     "scrypt$17$8$1$AAAA$" + "A" * 43 + "=", "scrypt$4194304$8$1$AAAA$" + "A" * 43 + "=",
     "scrypt$16$8$1$AAAA$AAAA"],
)  # fmt: skip
def test_what_is_no_hash_fits_nothing(hashed: str, tmp_path: Path) -> None:
    assert not is_password("", hashed)
    file = tmp_path / "accounts"
    file.write_text(f"ida:{hashed}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1: expected name:hash"):
        read_accounts(file)


def test_accounts_come_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEWSQA_ACCOUNTS", raising=False)
    assert read_accounts(None) is None
    lines = "# who\n\n" + account("ida", PASSWORD) + "\n" + account("ön", "another one!") + "\n"
    file = tmp_path / "accounts"
    file.write_text(lines, encoding="utf-8")
    monkeypatch.setenv("NEWSQA_ACCOUNTS", lines)
    for known in (read_accounts(file), read_accounts(None)):
        assert known is not None
        assert len(known) == 2
        assert check(known, "ida", PASSWORD)
        assert check(known, "ön", "another one!")
        assert not check(known, "ida", "another one!")
        assert not check(known, "nobody", PASSWORD)
        assert not check(known, "", "")
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no account"):
        read_accounts(file)
    file.write_text(lines + account("ida", PASSWORD), encoding="utf-8")
    with pytest.raises(InputError, match="line 5: 'ida' is there already"):
        read_accounts(file)
    with pytest.raises(InputError, match="can't be read"):
        read_accounts(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [("", PASSWORD, "the name"), ("a:b", PASSWORD, "no colon"), (" a", PASSWORD, "the name"),
     ("a\nb", PASSWORD, "the name"), ("#a", PASSWORD, "comment"), ("a", "short", "5 characters")],
)  # fmt: skip
def test_what_can_not_be_an_account_is_refused(name: str, password: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        account(name, password)


def test_after_failures_a_name_has_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Accounts({"ida": hash_password(PASSWORD)})
    for _ in range(accounts.TRIES):
        assert not check(known, "ida", "wrong")
    assert not check(known, "ida", PASSWORD)
    monkeypatch.setattr(accounts, "WAIT_SECONDS", 0.0)
    assert check(known, "ida", PASSWORD)


def test_gradio_awaits_it() -> None:
    # What it did not await it would take for a yes.
    assert inspect.iscoroutinefunction(Accounts({}).check)


def test_other_machines_are_not_let_in_without_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSQA_ACCOUNTS", raising=False)
    with pytest.raises(InputError, match=r"--auth .* --without-login"):
        serve(index="no such index", host="0.0.0.0")
