"""What Gradio keeps of a session, held to what the page has."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

QUESTION = "/queue/join"
"""How the address ends at which an event begins."""


class Sessions:
    """ASGI middleware: as an event begins, what sessions keep of components the page hasn't goes.

    Once Gradio has updated a component it works with a copy of it under a new id, and keeps the
    copies, and each value under their ids, for links to a state of the page, which this one
    doesn't give: the whole conversation for every question.  Giving values as updates instead would
    spare the copies, but an update that follows closely may then take away one that a browser
    hasn't shown.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tidy up, then serve."""
        if scope["type"] == "http" and scope["path"].endswith(QUESTION):
            forget_copies(scope["app"])
        await self._app(scope, receive, send)


def forget_copies(app: object) -> None:
    """To be called in the server's loop, in which Gradio looks a value up and sets it at once."""
    blocks = getattr(app, "blocks", None)
    holder = getattr(app, "state_holder", None)
    if blocks is None or holder is None:
        return
    own = blocks.blocks
    for session in tuple(holder.session_data.values()):
        if session.config_values.keys() - own.keys():
            # Another dict, for the old one may be gone through by another thread.
            session.config_values = {
                key: value for key, value in session.config_values.items() if key in own
            }
        config = session.blocks_config
        if config.blocks.keys() - own.keys():
            config.blocks = {key: block for key, block in config.blocks.items() if key in own}
