"""What must not survive in a case: values that look like credentials."""

from __future__ import annotations

import re

__all__ = ["REMOVED", "scrub"]

REMOVED = "<removed>"

# One look for any of these decides whether a text is worth the precise patterns below.
suspicious = re.compile(
    r"LTAI|STS\.|eyJ|-----BEGIN|bearer|basic\s|pass|pwd|secret|token|key|signature|authorization|@",
    re.IGNORECASE,
)
key_words = (
    r"pass(?:word|wd|phrase)?|pwd|secret|token|authorization|signature|credentials?"
    r"|(?:access|api|private)[-_ ]?key"
)
patterns = (
    # a whole PEM block, also when its end is cut off
    (re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL), REMOVED),
    (re.compile(r"\bLTAI[0-9A-Za-z]{8,}"), REMOVED),
    (re.compile(r"\bSTS\.[0-9A-Za-z]{8,}"), REMOVED),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"), REMOVED),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {REMOVED}"),
    (re.compile(r"(?<=://)[^\s/@]*@"), f"{REMOVED}@"),
    (
        re.compile(rf"(--?[\w-]{{0,40}}(?:{key_words})[\w-]{{0,40}}\s+)[^\s-]\S*", re.I),
        rf"\1{REMOVED}",
    ),
    (
        re.compile(
            rf"([\w.-]{{0,40}}(?:{key_words})[\w.-]{{0,40}}[\"']?\s{{0,3}}(?:=|:|：)\s{{0,3}})"
            rf"(?!{re.escape(REMOVED)})(?:(?:Bearer|Basic)\s+)?"
            r"(?:\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|[^\s,;&\"'}}]+)",
            re.IGNORECASE,
        ),
        rf"\1{REMOVED}",
    ),
)


def scrub(text: str) -> str:
    """The text without what looks like a password, token, access key or private key."""
    if suspicious.search(text):
        for pattern, replacement in patterns:
            text = pattern.sub(replacement, text)
    return text
