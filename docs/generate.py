"""Writes docs/cli.md from the commands' own --help and docs/settings.md from newsqa.config.

    python docs/generate.py            writes both
    python docs/generate.py --check    writes nothing; fails, by name, where one is stale

What it writes depends on the code alone: a fixed width, no colours, no terminal.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import difflib
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

DOCS = Path(__file__).resolve().parent
WIDTH = 90
MEBIBYTE = 1024 * 1024


def main() -> None:
    """Write the generated pages, or with --check say which of them are stale."""
    parser = argparse.ArgumentParser(description="Write docs/cli.md and docs/settings.md.")
    parser.add_argument("--check", action="store_true", help="fail where one is stale")
    check = parser.parse_args().check

    import newsqa.cli
    import newsqa.config

    pages = {
        "cli.md": cli_reference(newsqa.cli.app),
        "settings.md": settings_reference(newsqa.config),
    }
    stale = []
    for name, text in pages.items():
        path = DOCS / name
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        if found == text:
            continue
        if check:
            stale.append(name)
            sys.stderr.writelines(_difference(name, found, text))
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        names = ", ".join(f"docs/{name}" for name in stale)
        sys.exit(f"Stale: {names}. Run 'make docs' and commit what it writes.")


def cli_reference(app: Any) -> str:
    """The --help text of a Typer app and of each of its commands, as Markdown."""
    import typer.main

    parts = ["# Commands\n", "Written by `make docs` from each command's `--help`.\n"]
    for name, text in _helps(typer.main.get_command(app), "newsqa", None):
        parts.append(f"## {name}\n")
        parts.append(f"```text\n{text}\n```\n")
    return "\n".join(parts)


def _helps(command: Any, name: str, parent: Any) -> Iterator[tuple[str, str]]:
    """The full name and the help of a command and, in their order, of those below it."""
    command.rich_markup_mode = None  # plain text, whatever the terminal shows
    context = command.context_class(
        command,
        info_name=name,
        parent=parent,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        color=False,
    )
    lines = command.get_help(context).splitlines()
    yield context.command_path, "\n".join(line.rstrip() for line in lines).strip()
    if hasattr(command, "list_commands"):
        for below in command.list_commands(context):
            child = command.get_command(context, below)
            if not child.hidden:
                yield from _helps(child, below, context)


def settings_reference(config: ModuleType) -> str:
    """Every setting of `config.Settings`: a section per TOML table, a row per name, as Markdown."""
    notes = _attribute_docs(config)
    parts = [
        "# Settings\n",
        "Written by `make docs` from `newsqa/config.py`. A settings file is TOML with a table per\n"
        "section below; what it leaves out keeps its default, and an unknown name is refused.\n",
    ]
    for group in dataclasses.fields(config.Settings):
        settings = getattr(config.Settings(), group.name)
        kind = type(settings)
        parts.append(f"## [{group.name}]\n")
        parts.append(f"{inspect.getdoc(kind)}\n")
        rows = ["| name | type | default | meaning |", "| --- | --- | --- | --- |"]
        for setting in dataclasses.fields(kind):
            default = _default(getattr(settings, setting.name))
            note = notes.get((kind.__name__, setting.name), "")
            row = f"| `{setting.name}` | `{setting.type}` | {default} | {note} |"
            rows.append(row.replace("|  |", "| |"))
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _attribute_docs(module: ModuleType) -> dict[tuple[str, str], str]:
    """The string under each annotated attribute, by class and attribute name, on one line."""
    notes = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for one, following in zip(node.body, node.body[1:], strict=False):
            match one, following:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    notes[node.name, name] = " ".join(text.split()).replace("|", "\\|")
    return notes


def _default(value: Any) -> str:
    shown = f"`{json.dumps(value, ensure_ascii=False, default=str)}`"
    if isinstance(value, int) and value and value % MEBIBYTE == 0:
        shown += f" ({value // MEBIBYTE} MiB)"
    return shown


def _difference(name: str, found: str, expected: str) -> Iterator[str]:
    return difflib.unified_diff(
        found.splitlines(keepends=True),
        expected.splitlines(keepends=True),
        f"docs/{name} (as it is)",
        f"docs/{name} (as the code says)",
    )


if __name__ == "__main__":
    main()
