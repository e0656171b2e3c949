"""The lines that pages put around stories, one pattern per kind.

Every pattern covers a whole line.  To stay fast on large archives a line is first looked
up by its first word; only lines that begin like furniture meet the patterns of that word.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, TypeAlias

from newsqa.articles.authors import looks_like_names

LONGEST = 600
"""Characters; furniture is short, and a long paragraph is never removed."""

_DECOR = " \t\xa0*•·►▶▸»←→>|#-–—_~+\ufe0f🌤📧📩🔊"
_FIRST = re.compile(r"[^\W_]+|©")
_END = r"\s*[.:!»>→…]*"
_TITLE = r"(?-i:[^\W_a-z]|[\"“‘'«„¿¡])"
"""How a title begins: with no small letter."""
# Few titles end with a full stop: "Previous post: Ambassador to Norway." is about somebody.
_NEIGHBOUR = r"(?:article|story|post|page)(?:" + _END + rf"|\s*[:|»>→]\s*{_TITLE}.{{0,299}}(?<!\.))"

_RULES: dict[str, str] = {
    # Links to other stories.
    "see": r"see also(?:\s*:|\s{2,}|$|\s+(?-i:(?=[\"“‘'A-Z\d]))).{0,300}"
    r"|see (?:more|all)(?: (?:stories|news|posts|coverage|photos|videos))?" + _END,
    "also": r"also (?:read|see)\s*[:|–-].{0,300}",
    "read": r"read (?:more|next|also|now|this|the full (?:story|article)(?: here)?)"
    r"(?:\s*[:|»>→].{0,300}|\s+[–—-]\s.{0,300}|" + _END + ")"
    r"|read more (?:here|at|on|from|about)\b[^.!?,]{0,120}[.!]?"
    r"|read (?:our )?(?:full )?(?:coverage|story|article)s?(?: here)?" + _END,
    "related": r"related(?: (?:stor(?:y|ies)|articles?|content|topics?|coverage|posts?|news|links?|"
    r"reading|video))?(?:\s*:.{0,300}|" + _END + ")",
    "more": r"more(?: on this(?: story)?| (?:stories|coverage|news|from)[^.:]{0,60})?"
    r"(?::\s*.{1,200}(?<![.!?”\"])|\s*:)"
    r"|more (?:on this story|stories|top stories|from [A-Z][\w .]{1,40}|like this)" + _END,
    "you": r"you (?:may|might) (?:also )?(?:like|be interested in)(?:\s*:.{0,300}|" + _END + ")"
    r"|you have (?:\w+ )?(?:free )?articles? (?:left|remaining).{0,100}",
    "recommended": r"recommended(?: (?:stories|articles|reading|for you|videos?))?"
    r"(?:\s*:.{0,300}|" + _END + ")",
    "trending": r"trending(?: (?:now|stories|news|articles))?" + _END,
    "most": r"most (?:read|popular|viewed|shared)(?: (?:stories|articles|news|now))?" + _END,
    "popular": r"popular (?:now|stories|posts|articles)" + _END,
    "editors": r"editors['’]? (?:picks?|recommended)" + _END,
    "don": r"don['’]t miss\s*[:|].{0,300}",
    "dont": r"dont miss\s*[:|].{0,300}",
    "learn": r"learn more(?:\s*:.{0,200}|" + _END + "| here" + _END + ")",
    "up": r"up next" + _END,
    "next": r"next up" + _END + "|next " + _NEIGHBOUR,
    "previous": "previous " + _NEIGHBOUR,
    "back": r"back to (?:top|home|homepage|news|results)" + _END,
    "skip": r"skip (?:to (?:main |the )?(?:content|navigation)|(?:ad|past|this) ?.{0,60}|"
    r"advertisement)" + _END,
    "click": r"click (?:here|below|through)(?: (?:to|for|or)\b[^.!?]{0,150})?"
    + _END
    + r"|click (?:on (?:the|this) (?:link|image|photo|map)|to (?:enlarge|expand|read|view|play|"
    r"watch|see|open|share|print|subscribe))\b[^.!?]{0,120}[.!]?",
    "tap": r"tap (?:here|below)(?: (?:to|for|or)\b[^.!?]{0,150})?" + _END,
    "continue": r"continue (?:reading|to (?:article|the story|site))\b.{0,80}",
    "scroll": r"scroll (?:down )?(?:to|for) (?:continue|read|more)\b.{0,60}",
    # Comment forms.
    "leave": r"leave (?:a|your) (?:reply|comment|response)(?: cancel reply)?" + _END,
    "post": r"post (?:a |your )?comments?" + _END,
    "cancel": r"cancel reply" + _END,
    "your": r"your e-?mail (?:address )?will not be (?:published|shared|made public).{0,120}"
    r"|your subscription makes (?:work|journalism|our).{0,250}"
    r"|your (?:browser|device) (?:does not|doesn['’]t|is not|isn['’]t).{0,200}",
    "required": r"required fields are marked.{0,20}",
    "save": r"save my name,? e-?mail.{0,120}"
    r"|save better, spend better\s*:.{0,200}",
    "name": r"name\s*\*",
    "email": r"email\s*\*|email (?:this|address|us|the author|article)" + _END,
    "website": r"website\s*\*?",
    "comment": r"comment\s*\*|comments? (?:are )?(?:closed|off|disabled)(?: (?:for|on) .{0,60})?"
    + _END,
    "comments": r"comments(?:\s*\(\d+\))?"
    + _END
    + r"|comments are (?:closed|off|disabled|moderated).{0,100}",
    "view": r"(?:view|show|hide|load) (?:all |more )?(?:\d+ )?(?:comments|replies|photos|gallery)"
    + _END,
    "show": r"(?:show|hide|load) (?:all |more )?(?:\d+ )?(?:comments|replies|caption)" + _END,
    "load": r"load more(?: \w+)?" + _END,
    "hide": r"hide (?:comments|caption|replies)" + _END,
    "join": r"join the (?:conversation|discussion)(?:\s*\(\d+\))?" + _END,
    "log": r"log ?in to (?:comment|post|reply|leave).{0,80}",
    "please": r"please (?:enable|turn on|allow|disable|whitelist) (?:your )?"
    r"(?:javascript|cookies|ad ?block).{0,200}"
    r"|please (?:log|sign) ?in (?:or|to) .{0,100}",
    "notify": r"notify me of (?:new|follow-?up) (?:posts|comments).{0,60}",
    # Share bars.
    "share": r"share(?: (?:this|on|via|with|by)(?: (?:this )?(?:article|story|post|page|link|"
    r"facebook|twitter|x|whatsapp|linkedin|reddit|e-?mail|pinterest|friends|social media))*)?"
    r"(?:\s*[:|,/•·-]?\s*(?:facebook|twitter|tweet|x|whatsapp|linkedin|reddit|e-?mail|pinterest|"
    r"telegram|copy link|print|and|save))*"
    + _END
    + r"|share your (?:feedback|thoughts|comments?) .{0,160}",
    "copy": r"copy (?:link|url)(?: to clipboard)?" + _END,
    # Video, audio and pictures.
    "video": r"video player was slow to load content.{0,300}|video ad feedback"
    + _END
    + r"|video content (?:never loaded|did not start).{0,200}",
    "ad": r"ad (?:feedback|froze|never loaded|choices).{0,200}",
    "audio": r"audio on ad was too loud.{0,100}",
    "how": r"how relevant is this ad to you\?",
    "1": r"1\. how relevant is this ad to you\?",
    "2": r"2\. did you encounter any technical issues\?",
    "did": r"did you encounter any technical issues\?",
    "now": r"now playing" + _END,
    "play": r"play (?:video|audio|button)" + _END,
    "listen": r"listen (?:to this (?:article|story)|now)(?:\s*[·|(-].{0,40})?" + _END,
    "image": r"image (?:source|credit|caption)s?(?:\s*:|,).{0,120}",
    "toggle": r"toggle caption" + _END,
    "enlarge": r"enlarge (?:this )?image" + _END,
    # Advertising, subscriptions, notices.
    "advertisement": r"advertisement(?:s|\s*[-–—|:].{0,80})?" + _END,
    "advertising": r"advertising" + _END,
    "sponsored": r"sponsored(?: (?:content|links?|by .{1,60}|stories|post))?" + _END,
    "promoted": r"promoted(?: (?:content|stories|links))?" + _END,
    "paid": r"paid (?:content|post|advertisement)" + _END,
    "story": r"(?:story|article) continues (?:below|after).{0,60}",
    "article": r"article continues (?:below|after).{0,60}",
    "this": r"this (?:web ?)?site uses cookies.{0,400}"
    r"|this (?:material|content) may not be (?:published|reproduced|copied).{0,200}",
    "we": r"we (?:and our partners )?use cookies.{0,400}",
    "accept": r"accept (?:all )?(?:cookies|and continue)?" + _END,
    "manage": r"manage (?:cookies|preferences|consent|settings)" + _END,
    "all": r"all rights reserved" + _END,
    "copyright": r"copyright (?:©|\(c\)|\d{4}).{0,200}",
    "©": r"©.{0,60}all rights reserved.{0,100}|©\s*(?:copyright )?\d{4}.{0,60}",
    "support": r"support (?:strong |quality |our )?(?:local |independent )?journalism\b.{0,200}",
    "subscribe": r"subscribe (?:now|today|here|to (?:our|the|[\w.]+\.com)|for)\b.{0,200}"
    r"|subscribe" + _END,
    "already": r"already (?:a|have a|an) (?:subscriber|member|subscription|account).{0,200}",
    "thank": r"thank you for (?:supporting our journalism|reading|subscribing).{0,250}",
    "download": r"download (?:the|our) [\w .'’]{1,40} app\b.{0,150}",
    "get": r"get the (?:[\w ]{1,30} )?app" + _END,
    "follow": r"follow (?:us|me|him|her|them|it|[\w .'’@,()/-]{2,80}?)(?: \(?@\w+\)?)? on "
    r"(?:twitter|facebook|instagram|x|threads|bluesky|tiktok|flipboard|youtube|linkedin|"
    r"mastodon|social media)\b.{0,200}",
    "contact": r"contact .{0,80}\b(?:reporter|writer|columnist|editor|critic)\b.{0,250}@.{0,150}"
    r"|contact [\w .'’-]{4,60} at .{0,80}@.{0,200}(?:twitter|follow|@\w+[.:]?\s*$).{0,150}",
    "reach": r"reach (?:the (?:reporter|writer|author)|[\w .'’-]{4,60}) at .{0,80}@.{0,250}",
}
_BYLINE = re.compile(r"(?:authors?|written by|byline)\s*:\s*(\S.{1,98})", re.IGNORECASE)
_APPEARED_FIRST = re.compile(
    rf"The (?:post|article|story) {_TITLE}.{{0,300}} appeared first on "
    rf"{_TITLE}[^.!?]{{0,100}}(?:\.\w[^.!?]{{0,40}})*\.?"
)
_BYLINE_WORDS = frozenset({"author", "authors", "written", "byline"})
_ASKS = re.compile(
    r"\b(?:sign[- ]?up|subscri(?:be|bing|bers?|ption)|register|delivered|sent) .{0,120}"
    r"(?:newsletters?|inbox|e-?mail|alerts?|daily|briefing|here|now|today)\b"
    r"|newsletters?\b.{0,200}\b(?:sign[- ]?up|subscribe|delivered|in your inbox)"
    r"|sign up (?:here|now|for free)",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESSES = re.compile(
    r"(?:[^\w“\"]*)(?:(?:[A-Z][^:.]{0,60}|[\w’' -]{1,40}):\s*)?"
    r"(?:sign[- ]?up|subscribe|get|want|would you like|enjoy(?:ing)?|join|stay|start|to get|"
    r"to receive|"
    r"for (?:more|the latest)|like (?:what|knowing)|love|never miss|keep up|smart analysis|"
    r"what['’]s everyone|(?:\(?you can )?get|this (?:article|story|column) (?:first |originally )?"
    r"(?:appear|ran|was)|a version of this (?:article|story|column|piece)|all the|in your inbox|"
    r"receive|don['’]t miss|our (?:free|daily|weekly)|the short list|these articles are|"
    r"make smart choices|more stories like this|"
    r"save better|not a subscriber|sign in|delivered|money tips|check out our|hear more)\b",
    re.IGNORECASE,
)
_SIGN_UP_HERE = re.compile(
    r"\b(?:sign[- ]?up|subscribe)(?: (?:for|to) [^.!?]{1,40})?(?: right)? here\b", re.IGNORECASE
)
_MAILED = re.compile(r"newsletter|inbox|subscri", re.IGNORECASE)
_PROMPTS = (
    "sign up", "sign-up", "signup", "subscri", "newsletter", "inbox", "privacy", "cookie",
    "your data",
)  # fmt: skip
"""One of them stands in every promotion."""
_PRIVACY = re.compile(
    r"(?:we|you|by|if|this|the|our|please|'we'|‘we’)\b.{0,250}"
    r"(?:privacy (?:policy|notice)|cookies?\b|"
    r"newsletter subscription|use of your data|terms of (?:use|service)).{0,300}",
    re.IGNORECASE | re.DOTALL,
)
_CONSENT = re.compile(
    r"\b(?:you (?:agree|accept|consent|can (?:unsubscribe|opt out))|your (?:consent|data|"
    r"preferences|personal (?:data|information))|details you have shared|"
    r"information you have shared|we use)\b",
    re.IGNORECASE,
)

_SHARE_WORDS = frozenset(
    "share tweet facebook twitter x whatsapp linkedin reddit email e-mail print pinterest "
    "telegram messenger copy save flipboard instagram bluesky threads pocket sms comment "
    "comments tumblr mastodon youtube".split()
)
_SHARE_EXTRA = frozenset("on via to by link this article story with post icon and in a".split())
_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)?")
_STARTS = frozenset(_RULES) | {"e"} | _BYLINE_WORDS | _SHARE_WORDS | _SHARE_EXTRA
"""First words of lines that need a closer look; "e" begins "e-mail"."""

Kind: TypeAlias = Literal["story", "furniture", "byline", "share"]


def line_kind(line: str, *, promotes: bool = True) -> Kind:
    """What a stripped, non-empty line is.

    "byline" says who wrote the story (see `byline`); "share" holds nothing but names of
    places to share to: a heading alone ("Facebook"), furniture next to another such line.
    `promotes` is `may_promote` of the whole text.
    """
    if len(line) > LONGEST:
        return "story"
    first = _FIRST.search(line, 0, 40)
    if first and (word := first[0].lower()) in _STARTS:
        if len(line) <= 80 and _is_share(line):
            return "share"
        if is_furniture(line):
            return "furniture"
        if word in _BYLINE_WORDS and byline(line):
            return "byline"
    return "furniture" if promotes and is_promotion(line) else "story"


def is_furniture(line: str) -> bool:
    """Whether a line is furniture by its own words, whatever stands around it."""
    first = _FIRST.search(line, 0, 40)
    if first is None or len(line) > LONGEST:
        return False
    pattern = _pattern(first[0].lower())
    # What stands before the first word must be decoration: a quote mark begins speech.
    if pattern is None or line[: first.start()].strip(_DECOR):
        return False
    return pattern.fullmatch(line[first.start() :]) is not None


@lru_cache(maxsize=1024)
def _pattern(word: str) -> re.Pattern[str] | None:
    """Compiled when first met: all of them at once would make importing slow."""
    rule = _RULES.get(word)
    return re.compile(rule, re.IGNORECASE | re.DOTALL) if rule else None


def may_promote(text: str) -> bool:
    """Whether a text holds any word that promotions do; most hold none."""
    low = text.lower()
    return any(prompt in low for prompt in _PROMPTS)


def is_promotion(line: str) -> bool:
    """Whether a line asks the reader to subscribe, to consent or to sign up."""
    if len(line) > LONGEST or not may_promote(line):
        return False
    if _ASKS.search(line) and _ADDRESSES.match(line):
        return True
    if len(line) <= 400 and _SIGN_UP_HERE.search(line) and _MAILED.search(line):
        return True
    return bool(_PRIVACY.match(line) and _CONSENT.search(line))


def is_feed_note(line: str) -> bool:
    """Whether a line is what some feeds put under a story: where it appeared first."""
    return len(line) <= LONGEST and _APPEARED_FIRST.fullmatch(line) is not None


def byline(line: str) -> str | None:
    """The names of an "Author: …" line, or None where it says anything more."""
    match = _BYLINE.fullmatch(line)
    if match is None or not looks_like_names(match[1]):
        return None
    return match[1]


def _is_share(line: str) -> bool:
    words = [word.lower() for word in _TOKEN.findall(line)]
    return any(word in _SHARE_WORDS for word in words) and all(
        word in _SHARE_WORDS or word in _SHARE_EXTRA for word in words
    )
