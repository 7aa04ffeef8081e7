"""RestrictedPython's opinion on code: for small pure functions, such as skills.

It refuses underscored names and attributes, `async`, star imports, metaclasses and whatever syntax
it does not know, and so most cells of an ordinary notebook; and a cell that reaches other modules
through allowed ones gets by it. So it is no wall and no measure for notebooks: a policy is strict
only where somebody asks for it, and everywhere else this is one signal among others.
"""

from __future__ import annotations

import ast
import copy
from functools import cache
from typing import Any

from .checking import Refusal, refusals
from .policy import Policy


def signals(source: str) -> list[Refusal]:
    """What a strict policy and RestrictedPython object to in code that is not run here.

    Args:
        source: Plain Python, without magics.

    Returns:
        By line; a single one if it is no Python. An empty list means that nothing was found, not
        that the code is safe.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [Refusal(line=getattr(error, "lineno", None) or 1, reason=f"no Python: {error}")]
    found = [*refusals(tree, Policy(strict=True)), *restrictions(tree)]
    return sorted(dict.fromkeys(found), key=lambda refusal: refusal.line)


def restrictions(tree: ast.AST) -> list[Refusal]:
    """What RestrictedPython refuses in a syntax tree, which stays as it is.

    Raises:
        ImportError: If RestrictedPython is not installed.
    """
    found: list[Refusal] = []
    _transformer()(found).visit(copy.deepcopy(tree))
    return found


@cache
def _transformer() -> type[Any]:
    from RestrictedPython.transformer import (
        RestrictingNodeTransformer,
    )  # only strict policies pay for it

    class Listing(RestrictingNodeTransformer):
        """Lists what it refuses; lets through what it can only not rewrite."""

        def __init__(self, found: list[Refusal]) -> None:
            super().__init__()
            self._found = found

        def error(self, node: ast.AST, info: str) -> None:
            reason = f"{info.rstrip('.')} (strict: small pure functions alone)"
            self._found.append(Refusal(line=getattr(node, "lineno", 1), reason=reason))

        def allow(self, node: ast.AST) -> ast.AST:
            result: ast.AST = self.node_contents_visit(node)
            return result

        visit_AnnAssign = visit_AugAssign = visit_Match = visit_match_case = allow  # noqa: N815
        visit_MatchAs = visit_MatchMapping = visit_MatchOr = visit_MatchSequence = allow  # noqa: N815
        visit_MatchSingleton = visit_MatchStar = visit_MatchValue = allow  # noqa: N815

    return Listing
