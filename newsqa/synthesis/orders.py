"""Words in an article that are meant for a language model, not for a reader."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
"""Characters that no reader sees: zero-width ones, tags, directions, controls."""
_MODEL = (
    r"(?:an? )?(?:ai|a\.i\.|llms?|language models?|assistants?|chat ?bots?|gpt|claude|"
    r"summari[sz]ers?)"
)
_ANSWERING = (
    r"(?:answers?|reply|replies|respon(?:d|se)|output|say|state|write|claim|tell|cite|repeat|print|"
    r"include|add|append|quote|summari[sz]e|translate|insist|conclude|mention|recommend|render|"
    r"display|show)"
)
_ORDERS = re.compile(
    # "Ignore all previous instructions", in the languages that attacks are seen in.
    r"\b(?:ignor(?:e|a|ez|ad|en|iere\w*)\b|disregard\b|forget|override|overrid\w+|bypass|"
    r"do not follow|stop following|"
    r"olvid\w+|oubli\w+|vergiss|vergessen|missacht\w+|dimentic\w+|esque[cç]\w+|negeer|vergeet|"
    r"zignoruj|zapomnij|игнорир\w+|забудь\w*)\W+(?:\w+\W+){0,6}?"
    r"(?:instruct\w+|prompts?|rules|guidelines|directions|context|quotes|sources|system|"
    r"instruc\w+|instrução|consignes|anweisung\w*|regeln|istruzion\w+|regole|instructies|reglas|"
    r"règles|regras|polece\w+|инструкц\w+|указани\w+|правил\w*)"
    r"|忽略.{0,12}(?:指令|指示|说明|提示)|指示.{0,6}無視|以前の指示"
    r"|تجاهل.{0,20}(?:التعليمات|الأوامر)"
    r"|\b(?:new|updated|revised|real|actual|secret|hidden|following) (?:system )?"
    r"(?:instructions?|prompts?|directives?)\b"
    r"|\b(?:system|developer|admin\w*) (?:prompt|message|override|note|instruction|mode)\b"
    # A turn that somebody fakes.
    r"|(?:^|[.!?>\]}*#”\"]\s*)(?:system|assistant|user|human|developer|ai|model)\s*"
    r"(?:\([^)]{0,30}\))?\s*:"
    r"|<\|?/?(?:im_start|im_end|system|assistant|user|endoftext|eot_id|quote|question|instructions?)"
    r"|\[/?(?:INST|SYS|SYSTEM|ASSISTANT)\]|<</?SYS>>|###\s*(?:instruction|system|response|assistant)"
    r"|\"role\"\s*:\s*\"|\bBEGIN (?:SYSTEM|INSTRUCTIONS)|\bEND OF (?:QUOTES?|CONTEXT|DOCUMENT)"
    # What an assistant is told to be or to do.
    rf"|\b(?:you are|you're|act as|pretend (?:to be|you)|from now on,? you|as) (?:now )?{_MODEL}\b"
    rf"|\b(?:dear|attention|note to|hey|hello|instructions? (?:to|for)|message (?:to|for)|to any|"
    rf"to all|to the|if you are|when you are|any|all) {_MODEL}\b"
    r"|\byou are now\b|\bjailbreak|\bdeveloper mode\b|\bDAN mode\b"
    rf"|\b(?:you (?:must|should|shall|will|have to|need to)|always|instead,?|please|now|only|"
    rf"simply|just|and|then) {_ANSWERING}\b(?=[^.]{{0,40}}"
    r"(?:\bthat\b|[:“\"]|\bonly\b|\binstead\b|\bwith\b|\[\d+\]|\bthe (?:user|reader|question)))"
    rf"|^{_ANSWERING}(?: back)?(?: only| exactly| the| to| this| that| with|:)\b.{{0,80}}"
    r"(?:\bthat\b|[:“\"]|\[\d+\]|\buser\b|\bquestion\b)"
    r"|\b(?:when|if) (?:asked|you are asked|the user asks|(?:any|some)one asks)\b[^.]{0,60}"
    rf"\b{_ANSWERING}\b"
    r"|\bto (?:the )?question[^.]{0,40} (?:is|with) "
    r"|\bthe (?:correct|right|only) (?:answer|reply|response) (?:is|to)\b"
    r"|\b(?:answer|respond|reply) (?:with|only|in|as)\b|\bthe user'?s? (?:question|prompt|wants)\b"
    r"|\byour (?:system )?(?:prompt|instructions|answer|response|reply|output|training)\b"
    r"|(?:responde|respondez|réponds|répondez|antworte|rispondi|responda|antwoord|odpowiedz|"
    r"ответь\w*|отвечай\w*|回答|回复|答えて)\b.{0,60}"
    r"|!\[[^\]]*\]\(|\]\(\s*(?:https?:|data:|javascript:)|<img\b|<script\b|<!--|-->"
    r"|\bcite (?:this|quote|source|it|only|\[)|\bquote (?:number )?\d+ (?:is|as)\b",
    re.IGNORECASE,
)


def seen(text: str) -> str:
    """A text as a reader sees it: compatible forms folded, what shows nothing left out."""
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFKC", text)).split())


def addresses_a_model(text: str) -> bool:
    """Whether a text gives orders to whoever writes the answer, or fakes the turns of a chat.

    It errs on the side of yes: what it catches is kept from a chat model, not from the reader.
    """
    plain = seen(text)
    # What hides letters between others, or writes them in another script, hides them from a rule.
    return bool(
        _ORDERS.search(plain)
        or len(_UNSEEN.findall(text)) > 3
        or _ORDERS.search(re.sub(r"(?<=\b\w)[ .·_-](?=\w\b)", "", plain))
        or _mixes_scripts(plain)
    )


def _mixes_scripts(text: str) -> bool:
    """Whether a word has Latin letters beside Greek or Cyrillic ones that look like them."""
    return any(
        re.search(r"[a-z]", word, re.I) and re.search("[\u0370-\u03ff\u0400-\u04ff]", word)
        for word in text.split()
    )
