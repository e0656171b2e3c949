"""Any LangChain chat model as what writes answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from newsqa.errors import ChatModelError
from newsqa.synthesis.writing import Prompt, WritingFailed

__all__ = ["BaseChatModel", "ChatWriter", "writer"]

EXTRAS = ("openai", "anthropic", "ollama")
"""Providers whose packages come as extras of the same name."""
_CUT_OFF = frozenset(("length", "max_tokens", "MAX_TOKENS", "model_length"))
_REFUSED = frozenset(("content_filter", "refusal", "SAFETY", "safety"))
_SENTENCES = {
    "title": "CitedSentences",
    "description": "The answer, sentence by sentence, each with the numbers of its quotes.",
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "description": "One sentence, without numbers."},
                    "quotes": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["text", "quotes"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}


def writer(model: str | BaseChatModel, *, seconds: float) -> ChatWriter:
    """What writes through a chat model, by LangChain's name for it or as it is.

    A model by name gets `seconds` as its time-out and is asked for its likeliest words.  Raises
    ChatModelError where its package or its key is missing, or the name is nobody's.
    """
    if isinstance(model, BaseChatModel):
        return ChatWriter(model, _name_of(model))
    if not isinstance(model, str):
        raise ChatModelError(
            f"chat_model is a {type(model).__name__}, expected a name or a LangChain chat model"
        )
    provider = model.partition(":")[0]
    try:
        made = init_chat_model(model, timeout=seconds, max_retries=1)
    except ImportError as error:
        hint = (
            f"pip install 'newsqa[{provider}]'"
            if provider in EXTRAS
            else "its LangChain package has to be installed"
        )
        raise ChatModelError(f"the chat model {model!r} needs a package: {hint}") from error
    except Exception as error:
        # What a provider's library says may quote a key.
        raise ChatModelError(
            f"the chat model {model!r} can't be set up ({type(error).__name__}): expected "
            "PROVIDER:MODEL as LangChain names it, and the provider's key in its environment "
            "variable, such as OPENAI_API_KEY or ANTHROPIC_API_KEY"
        ) from None
    assert isinstance(made, BaseChatModel)
    return ChatWriter(made, model)


class ChatWriter:
    """Writes through a chat model; structured where its profile says that it can."""

    def __init__(self, model: BaseChatModel, name: str):
        self._model = model
        self.name = name

    def write(self, prompt: Prompt) -> Iterator[str]:
        """Pieces of its text as they come.  Raises WritingFailed."""
        messages = [SystemMessage(prompt.system), HumanMessage(prompt.user)]
        try:
            if prompt.cites and (self._model.profile or {}).get("structured_output"):
                yield from self._structured(messages)
            else:
                yield from self._plain(messages)
        except WritingFailed:
            raise
        except Exception as error:
            raise WritingFailed(_why(error)) from error

    def _plain(self, messages: list[Any]) -> Iterator[str]:
        for chunk in self._model.stream(messages):
            if chunk.text:
                yield str(chunk.text)
            _check(chunk.response_metadata)
            if chunk.additional_kwargs.get("refusal"):
                raise WritingFailed("refused to answer")

    def _structured(self, messages: list[Any]) -> Iterator[str]:
        """Each sentence of a structured answer as a line with its marks, once it is complete."""
        given = 0
        held: list[Any] = []
        schema = json.loads(json.dumps(_SENTENCES))
        for part in self._model.with_structured_output(schema).stream(messages):
            held = part.get("sentences") or [] if isinstance(part, dict) else []
            # The last one may still be growing.
            for sentence in held[given : max(given, len(held) - 1)]:
                yield _as_line(sentence)
                given += 1
        for sentence in held[given:]:
            yield _as_line(sentence)


def _as_line(sentence: Any) -> str:
    """A sentence with its marks; what is not of the form that was asked for gets none."""
    if not isinstance(sentence, dict) or not isinstance(sentence.get("text"), str):
        return "\n"
    quotes = sentence.get("quotes")
    numbers = [n for n in quotes if isinstance(n, int)] if isinstance(quotes, list) else []
    return f"{' '.join(sentence['text'].split())} {''.join(f'[{n}]' for n in numbers)}\n"


def _check(metadata: dict[str, Any]) -> None:
    """Raise WritingFailed where a stream ended for another reason than that it was done."""
    reason = metadata.get("finish_reason") or metadata.get("stop_reason")
    reason = reason or metadata.get("done_reason")
    if reason in _CUT_OFF:
        raise WritingFailed("was cut off")
    if reason in _REFUSED:
        raise WritingFailed("refused to answer")


def _why(error: Exception) -> str:
    """What went wrong in words; never the message, which may quote a key."""
    kind = type(error).__name__
    status = getattr(error, "status_code", None)
    if status == 429 or "RateLimit" in kind:
        return "takes no more requests for now (rate limit)"
    if status in (401, 403) or "Authentication" in kind or "PermissionDenied" in kind:
        return "does not accept the key"
    if isinstance(error, TimeoutError) or "Timeout" in kind:
        return "did not answer in time"
    if isinstance(error, ValueError) and "No generation" in str(error):
        return "wrote nothing"
    if "Connection" in kind or "Connect" in kind:
        return "can't be reached"
    return f"failed ({kind}{f', status {status}' if isinstance(status, int) else ''})"


def _name_of(model: BaseChatModel) -> str:
    named = getattr(model, "model_name", None) or getattr(model, "model", None)
    return str(named) if isinstance(named, str) and named else type(model).__name__
