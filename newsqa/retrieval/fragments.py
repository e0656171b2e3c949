"""Follow-ups that are no whole question, told by their form: "why?", "and Brazil?", "more"."""

from __future__ import annotations

import re

from newsqa.retrieval.earlier import Turn
from newsqa.retrieval.ellipsis import TIME, asked_again, attached, substituted
from newsqa.retrieval.leaning import references_in
from newsqa.retrieval.mentions import mentions_in
from newsqa.retrieval.words import AUXILIARIES, DETERMINERS, PREPOSITIONS, VERBS

_WHO_SAID = re.compile(
    r"^(?:says who|who (?:says?|said)(?: so| that| this| it)?|according to who(?:m)?|"
    r"who(?:[’']s| is) (?:that|this|it) according to|who (?:claims?|claimed|reported) "
    r"(?:that|this|so)|what(?:[’']s| is) the source|source)\W*$",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^(?:(?:since|until|till|by|for|to|with|from|at|on|in) )?(?:who(?:m)?|what|when|where|why|how"
    r"(?: many| much| long| often| far| late| old| big| soon)?|which)"
    r"(?: exactly| not| so| come)?\W*$"
    r"|^(?:why|when|where|how|by whom|who)\s+(?:is|was|did|would) (?:that|this)"
    r"(?: happen(?:ed)?| so)?\W*$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^(?:(?:please )?(?:tell|give) (?:me|us) (?:some )?(?:more|the details|details)|more|go on|"
    r"continue|(?:any|some)?\s*(?:more|further|other) (?:details?|information|info|news)|what else|"
    r"anything else|anything more|elaborate|explain|details|can you (?:elaborate|explain|say more)|"
    r"what more do we know|what happened)(?P<rest>(?: (?:about|on|of|regarding) .+)?)\W*$",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"^(?:what (?:happened|happens|came|comes) (?:then|next|after(?:wards?| that))|then|what then)"
    r"\W*$",
    re.IGNORECASE,
)
_REALLY = re.compile(
    r"^(?:really|are you sure|is (?:that|this|it) (?:really )?(?:true|right|correct|so)|"
    r"sure|seriously|true|no way|how do you know(?: that)?|how so)\W*$",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(
    r"^(?:(?:and |but |so )?(?:what|how) about|(?:and )?the same (?:for|with|in)|same (?:for|with|"
    r"question (?:for|about)|in)|i (?:mean|meant)|no,? i (?:mean|meant))\s+(?P<said>.+)$",
    re.IGNORECASE,
)
_WHICH_ONE = re.compile(r"^which (?:one|ones|of them|of those)\W*$", re.IGNORECASE)
_ELSE = re.compile(
    r"^(?P<wh>who|what|where|when|which other|anyone|anybody|anything) else\W*$", re.I
)
_QUANTITIES = frozenset(("any", "some"))
_ANY = re.compile(
    r"^(?:the|any|some|how many|how much) [\w’'-]+(?: [\w’'-]+){0,2}\W*$", re.IGNORECASE
)


def by_form(asked: str, turn: Turn, *, continuing: bool) -> str | None:
    """The wording of a follow-up that is told by its form; None where it is a clause."""
    if _WHO_SAID.match(asked):
        return attached("Who said so?", [statement_of(turn)])
    if _REALLY.match(asked):
        return turn.question
    if _BARE.match(asked):
        word = re.sub(r"\s+(?:is|was|did|would|exactly|so)\b.*$", "", asked.strip("?.! "))
        return asked_again(word, turn)
    if _NEXT.match(asked):
        return attached("What happened next?", [*turn.topic, *turn.times[-1:]])
    more = _MORE.match(asked)
    if more:
        about = re.sub(r"^\W*(?:about|on|of|regarding) ", "", more["rest"]).strip("?.! ")
        if about and not references_in(about):
            return None if names_something(about) else attached(asked, turn.topic)
        return attached(turn.question, [turn.short] if turn.short else [])
    if _WHICH_ONE.match(asked):
        return attached("Which one?", [statement_of(turn)])
    other = _ELSE.match(asked)
    if other:
        return attached(asked, [statement_of(turn)])
    about_this = _WHAT_ABOUT.match(asked)
    if about_this:
        return _instead(about_this["said"], turn)
    if _is_fragment(asked, continuing=continuing):
        return _instead(asked, turn)
    return None


def _instead(said: str, turn: Turn) -> str | None:
    """The earlier question about what is said now; None where that is a clause of its own."""
    said = said.strip("?.!, ")
    if not re.search(r"\w", said) or _has_clause(said):
        return None
    if references_in(said):
        return None
    known = turn.full_name(said) if said.islower() and " " not in said else None
    text = substituted(known or said, turn)
    if text is not None:
        return text
    about = [statement_of(turn)] if names_something(said) else turn.topic
    return attached(f"{said}?", about)


def _is_fragment(asked: str, *, continuing: bool) -> bool:
    """Whether words ask nothing by themselves: "and Brazil?", "in March?", "the cost?"."""
    said = asked.strip("?.!, ")
    words = said.split()
    if not words or len(words) > 6 or _has_clause(said):
        return False
    if TIME.fullmatch(said):
        return True
    if words[0].lower() in PREPOSITIONS and len(words) <= 4:
        return True
    if continuing:
        return True
    if _ANY.match(asked) and not names_something(said):
        return asked.endswith("?") or len(words) <= 2
    return asked.endswith("?") and len(words) <= 3 and all(w[:1].isupper() for w in words)


def _has_clause(said: str) -> bool:
    words = [word.lower() for word in said.split()]
    return (
        any(word in AUXILIARIES for word in words)
        or any(re.match(r"(?:who|what|when|where|why|how|which)\b", word) for word in words[:1])
        # "The cost", "any work": behind a determiner stands a noun.
        or any(word in VERBS for word in words[1 + (words[0] in DETERMINERS | _QUANTITIES) :])
    )


def has_form(asked: str) -> bool:
    """Whether words have the form of a follow-up, whatever was said before."""
    formed = (_WHO_SAID, _BARE, _MORE, _NEXT, _REALLY, _WHAT_ABOUT, _WHICH_ONE, _ELSE)
    return any(form.match(asked) for form in formed)


def statement_of(turn: Turn) -> str:
    """What was asked and answered, in a few words."""
    return f"{turn.question.rstrip('?.! ')}: {turn.short}" if turn.short else turn.question


def names_something(text: str) -> bool:
    """Whether a question names anything by itself."""
    return any(mention.named and mention.kind != "time" for mention in mentions_in(text))
