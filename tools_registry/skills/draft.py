"""Whether a draft can be a skill at all; what it does is for the gates to say."""

from __future__ import annotations

import ast

from sessions.errors import UsageError
from tools_registry.skills.dependencies import imports_of
from tools_registry.skills.hidden import visible
from tools_registry.skills.skill import SkillDraft
from tools_registry.source import SourceError, parse, public_functions

MAX_SOURCE = 64 * 1024
"""Most bytes of code, and of tests, that are saved."""


def check_draft(draft: SkillDraft) -> tuple[str, ...]:
    """Check code and tests.

    Returns:
        The names of the skills that the code imports.

    Raises:
        UsageError: If they are no Python, too large, hide something, or define something else.
    """
    _parsed(draft.name, "tests", draft.tests)
    tree = _parsed(draft.name, "code", draft.source)
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    if defined.count(draft.name) != 1 or draft.name not in public_functions(tree):
        msg = f"the code of skill {draft.name} must define {draft.name} once, at top level"
        raise UsageError(msg)
    try:
        return imports_of(tree)
    except SourceError as error:
        msg = f"the code of skill {draft.name} can't be saved: line {error.line} {error}"
        raise UsageError(msg) from error


def _parsed(name: str, what: str, text: str) -> ast.Module:
    try:
        size = len(text.encode())
        tree = parse(visible(text))
    except (SourceError, UnicodeEncodeError) as error:
        msg = f"the {what} of skill {name} can't be saved: {error}"
        raise UsageError(msg) from error
    if size > MAX_SOURCE:
        msg = f"the {what} of skill {name} exceed {MAX_SOURCE // 1024} KB"
        raise UsageError(msg)
    return tree
