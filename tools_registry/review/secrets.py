"""What looks like a secret: the last look before something leaves the machine."""

from __future__ import annotations

import re

_PATTERNS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})",
    "a token of GitLab": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "a token of Slack": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a key of Google": r"\bAIza[0-9A-Za-z_-]{35}",
    "a key of a model's provider": r"\b(?:sk|gsk|xai|hf)[-_][A-Za-z0-9_-]{20,}",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.",
    "a password in a URL": r"\b[a-z][a-z0-9+.-]*://[^/\s:@'\"]+:[^/\s@'\"]{3,}@",
    "a password": (
        r"(?i)\b(?:password|passwd|secret|token|api_?key|access_?key)\w*"
        r"[\"']?\s*[:=]\s*[\"'][^\"'\s]{8,}[\"']"
    ),
}
_COMPILED = {what: re.compile(pattern) for what, pattern in _PATTERNS.items()}


def find_secret(text: str) -> str:
    """The first line that looks like a secret, as `line 3: a password`; "" if none does.

    The secret itself is not repeated.
    """
    found = ((what, m.start()) for what, p in _COMPILED.items() if (m := p.search(text)))
    first = min(found, key=lambda pair: pair[1], default=None)
    if first is None:
        return ""
    line = text.count("\n", 0, first[1]) + 1
    return f"line {line}: {first[0]}"
