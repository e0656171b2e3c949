"""With every way to the network shut, archives are built and questions answered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import newsqa

ROOT = Path(newsqa.__file__).resolve().parent.parent

PREAMBLE = """
import socket, sys
sys.path.insert(0, sys.argv[1])

tried = []
def shut(*arguments, **_):
    tried.append(arguments)
    raise OSError(f"the network was used: {arguments!r}")

for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, shut)
for name in ("create_connection", "getaddrinfo", "gethostbyname", "gethostbyname_ex"):
    setattr(socket, name, shut)
"""

BUILD_AND_ASK = (
    PREAMBLE
    + """
import json
import newsqa
from newsqa.config import Answering
report = newsqa.build([sys.argv[2]], index=sys.argv[3])
settings = newsqa.Settings(answering=Answering(threshold=0.0))
with newsqa.NewsQA.open(sys.argv[3], settings=settings) as qa:
    answer = qa.ask("Who led the inquiry into the flood?", as_of="2024-06-30")
    wrong = [c.quote for c in answer.citations
             if qa.article(c.article_id).text[c.start:c.end] != c.quote]
    problems = qa.check().problems
print(json.dumps({
    "added": len(report.added), "embedded": report.embedded, "status": answer.status,
    "text": answer.text, "citations": len(answer.citations), "wrong": wrong,
    "problems": problems, "tried": [repr(t) for t in tried],
}))
"""
)


def run(program: str, *arguments: object) -> str:
    """What it prints; without the settings that tell the model libraries to stay off-line."""
    inherited = {k: v for k, v in os.environ.items() if not k.endswith("_OFFLINE")}
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT), *map(str, arguments)],
        env=inherited,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_build_and_ask_with_the_real_encoder(tmp_path: Path) -> None:
    said = json.loads(run(BUILD_AND_ASK, ROOT / "seeds" / "articles", tmp_path / "index"))
    assert said["tried"] == []
    assert said["added"] >= 15
    assert said["embedded"] >= said["added"]
    assert said["status"] == "answered"
    assert said["citations"] >= 1
    assert said["wrong"] == said["problems"] == []
