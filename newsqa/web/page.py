"""create_app(): the page as a whole."""

from __future__ import annotations

import inspect
import logging
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from newsqa.config import DEFAULT_INDEX, Settings
from newsqa.embedding import Encoder
from newsqa.errors import InputError
from newsqa.pipeline import NewsQA
from newsqa.web.adding import largest_upload
from newsqa.web.archive import Archive
from newsqa.web.assets import CSS, theme
from newsqa.web.chat import Chat, heading
from newsqa.web.feedback import Feedback
from newsqa.web.guard import Check, Guard
from newsqa.web.names import LocalNames, is_local
from newsqa.web.sessions import Sessions
from newsqa.web.tools import Tools, require_mcp

log = logging.getLogger(__name__)

TITLE = "newsqa"
LOGIN = "<b>newsqa</b>: questions to a news archive. Whoever runs this page gives out accounts."


class Page(gr.Blocks):
    """Blocks that launch with their own looks, locally and quietly unless told otherwise."""

    def __init__(self, qa: NewsQA, *, read_only: bool, mcp: bool):
        super().__init__(
            analytics_enabled=False, title=TITLE, fill_width=True, delete_cache=(3600, 86400)
        )
        self.qa = qa
        self.read_only = read_only
        self.mcp = mcp
        self.warm: Callable[[], object] = tuple
        """What to do once at the start, so that the first reader needn't wait for it."""

    def launch(self, *args: Any, any_name: bool = False, **options: Any) -> Any:
        """As `gr.Blocks.launch`; raises InputError for what would leave the page unguarded.

        A page for this machine alone, without accounts, answers to its names alone unless
        `any_name`.
        """
        _refuse_unguarded(options, tools=self.mcp)
        ours = {
            "theme": theme(),
            "css": CSS,
            "footer_links": [],
            "run_history": False,
            "share": False,
            "ssr_mode": False,
            "mcp_server": self.mcp,
            "enable_monitoring": False,
            "quiet": True,
            "num_workers": 0,  # they take uploads, and nothing stands before them
            "auth_message": LOGIN,
            "max_file_size": self._largest_upload(),
            "app_kwargs": {
                "routes": [Route("/health", self.health)],
                "middleware": [
                    *([] if any_name or _is_shown(options) else [Middleware(LocalNames)]),
                    Middleware(Sessions),
                    *self._guard(options.get("auth")),
                ],
            },
        }
        # No daemon: a process that ends amid a model's own threads is aborted.
        threading.Thread(target=self._warm, name="newsqa-warm").start()
        launched = super().launch(*args, **{**ours, **options})
        if self.mcp_error:
            self.close(verbose=False)
            raise RuntimeError(self.mcp_error)
        return launched

    def _guard(self, check: Check | None) -> list[Middleware]:
        return [Middleware(Guard, check=check)] if self.mcp else []

    def _largest_upload(self) -> int:
        """In bytes; one where nothing can be added, for Gradio takes files in all the same."""
        return 1 if self.read_only else largest_upload(self.qa.settings)

    async def health(self, _: Request) -> JSONResponse:
        """Whether questions can be answered; told to anyone, so nothing but that."""
        try:
            await run_in_threadpool(self.qa.info)
        except Exception:
            log.exception("the archive could not be read")
            return JSONResponse({"status": "failing"}, status_code=503)
        return JSONResponse({"status": "ok"})

    def _warm(self) -> None:
        try:
            self.warm()
        except Exception:  # the page does without; a reader's own question will tell why
            log.debug("could not warm up", exc_info=True)


def _is_shown(options: Mapping[str, Any]) -> bool:
    """Whether it may be asked for under other names than this machine's: by what Gradio goes by."""
    host = options.get("server_name") or os.environ.get("GRADIO_SERVER_NAME") or "localhost"
    path = options.get("root_path")
    if path is None:
        path = os.environ.get("GRADIO_ROOT_PATH")
    # None has Gradio decide whether to share it.
    shared = options.get("share", False) is not False
    accounts = options.get("auth") or options.get("auth_dependency")
    return bool(path or accounts or shared or not is_local(host))


def _refuse_unguarded(options: Mapping[str, Any], *, tools: bool) -> None:
    if options.get("app_kwargs") is not None:
        raise InputError("app_kwargs can't be given: the page's own guards and routes are there")
    if not tools:
        return
    if options.get("auth_dependency") is not None:
        raise InputError(
            "auth_dependency can't be given where tools are served: it would not hold there"
        )
    check = options.get("auth")
    if check is not None and not inspect.iscoroutinefunction(check):
        raise InputError(
            f"auth is {type(check).__name__}, expected an async function of a name and a password "
            "where tools are served: `newsqa.web.serve` makes one of a file of accounts"
        )


def create_app(
    index: str | Path = DEFAULT_INDEX,
    *,
    encoder: Encoder | None = None,
    settings: Settings | None = None,
    read_only: bool = False,
    mcp: bool = False,
    feedback: str | Path | None = None,
) -> Page:
    """The chat page over an index, ready to `launch()`.

    `read_only` leaves out everything that changes the archive.  `mcp` has it serve the tools of
    `newsqa.web.tools` too.  What `launch` guards (the tools, and the names that a page of this
    machine goes by) an app that the page is mounted in has to guard itself.  What readers say of
    answers goes to the file `feedback`, by default one beside the index.  Raises what
    `NewsQA.open` raises: IndexNotFound, IndexMismatch, IndexDamaged or EncoderError; ReaderError;
    InputError where `mcp` lacks its package.
    """
    if mcp:
        require_mcp()
    qa = NewsQA.open(index, encoder=encoder, settings=settings)
    try:
        qa.load()
    except BaseException:
        qa.close()
        raise
    app = Page(qa, read_only=read_only, mcp=mcp)
    with app:
        if mcp:
            # First, so that they have their names to themselves.
            Tools(qa).offer()
        head = gr.HTML(elem_id="masthead", apply_default_css=False)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", elem_id="tab-ask"):
                noting = Feedback(Path(feedback) if feedback else beside(index))
                chat = Chat(qa, read_only=read_only, feedback=noting)
            with gr.Tab("Archive", elem_id="tab-archive") as archive_tab:
                archive = Archive(qa, read_only=read_only)
        chat.beside()
        holding = [head, *archive.holding, *chat.holding]

        def refresh(request: gr.Request) -> list[Any]:
            return [heading(qa, user=request.username), *archive.refresh(), *chat.refresh()]

        app.warm = chat.drawn.get
        chat.wire()
        archive.wire(archive_tab, refresh, holding)
        # Not in the queue: where no more questions can wait, the page can still be opened.
        quiet: dict[str, Any] = {
            "show_progress": "hidden", "api_visibility": "private", "queue": False
        }  # fmt: skip
        app.load(refresh, outputs=holding, **quiet)
        chat.wire_load(app)
    app.queue(max_size=qa.settings.serving.waiting)
    return app


def beside(index: str | Path) -> Path:
    """Where feedback goes unless it is told: next to the index, not into it."""
    whole = Path(index).resolve()
    return whole.with_name(f"{whole.name}.feedback.jsonl")
