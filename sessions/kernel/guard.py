"""Refuses cells that the policy does not allow: before they run, as they import, as they act.

Three looks, each for what the one before can't see: at the syntax tree after IPython has
transformed it, so that every spelling of a magic or a shell escape has become an ordinary call; at
imports; and at what the interpreter tells its audit hooks. A failure of any of them refuses.

It teaches. Clearing hooks and transformers, loading modules anew or rebinding names, as careless
code does, leaves it standing. Code that is determined gets by it, through frames, the garbage
collector or native code of a library: it then meets the walls, which do not depend on it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from typing import Any

from .audit import watch_actions
from .checking import refusals
from .imports import watch_imports
from .origin import Origin
from .policy import DEFAULT, Policy
from .refusals import PolicyError
from .strict import restrictions

Check = Callable[[ast.AST, Mapping[str, object]], None]

_KEPT = frozenset({"transform_ast", "__class__"})
_MODULES = ("audit", "bytecode", "checking", "guard", "imports", "origin", "policy", "strict")


def stand_guard(settings: Mapping[str, Any], variables: Mapping[str, Any]) -> Check:
    """Watch over imports and actions of this process from now on, for good.

    Args:
        settings: `workspace`, whose modules are held to the policy as cells are; and `policy`,
            which is None for no guard at all. The default one holds if there is none.
        variables: The globals of cells.

    Returns:
        What is to check each cell.
    """
    plain = settings.get("policy", DEFAULT.plain())
    if plain is None:
        return lambda tree, variables: None
    policy = Policy.from_plain(plain)
    origin = Origin(variables, settings["workspace"])
    restore, check = watch_imports(policy, origin), checker(policy)
    watch_actions(policy, origin)
    _hide()

    def check_and_restore(tree: ast.AST, variables: Mapping[str, object]) -> None:
        restore()
        check(tree, variables)

    return check_and_restore


def checker(policy: Policy) -> Check:
    """A function that raises `PolicyError` if a cell may not run.

    It gets the cell's syntax tree and the variables that are there, and tells all that is refused;
    it also raises if the check itself fails.
    """

    def check(tree: ast.AST, variables: Mapping[str, object]) -> None:
        try:
            found = [refusal.reason for refusal in refusals(tree, policy, variables)]
            if policy.strict:
                found += [f"line {r.line}: {r.reason}" for r in restrictions(tree)]
        except Exception as error:
            msg = f"the cell could not be checked, so it was not run ({error!r})"
            raise PolicyError(msg) from None
        if found:
            raise PolicyError("; ".join(dict.fromkeys(found)))

    return check


def guarded(kind: type[Any]) -> tuple[type[Any], Callable[[Check], None]]:
    """A kind of shell that runs nothing unchecked, and a function that hands it its check, once.

    Without one it refuses all. Bodies of cell magics are checked as cells are. Neither a shell nor
    the kind itself lets go of the check.
    """
    checks: list[Check] = []

    class Guarded(kind, metaclass=_sealed(type(kind))):  # type: ignore[misc,metaclass]  # known at run time
        def transform_ast(self, node: Any) -> Any:
            node = super().transform_ast(node)
            if not checks:
                msg = "the guard is not there yet, so the cell was not run"
                raise PolicyError(msg)
            checks[0](node, self.user_ns)
            return node

        def __setattr__(self, name: str, value: Any) -> None:
            _hold(name)
            super().__setattr__(name, value)

    def hand(check: Check) -> None:
        if checks:
            msg = "there is a guard already"
            raise PolicyError(msg)
        checks.append(check)

    return Guarded, hand


def _sealed(kind: type[Any]) -> type[Any]:
    class Sealed(kind):  # type: ignore[misc]  # known at run time
        def __setattr__(cls, name: str, value: Any) -> None:  # noqa: N805 -- of a metaclass
            _hold(name)
            super().__setattr__(name, value)

        def __delattr__(cls, name: str) -> None:  # noqa: N805 -- of a metaclass
            _hold(name)
            super().__delattr__(name)

    return Sealed


def _hold(name: str) -> None:
    if name in _KEPT:
        msg = f"`{name}` of the shell belongs to the guard and stays as it is"
        raise PolicyError(msg)


def _hide() -> None:
    """Take the guard's modules out of reach of an `import`: what holds them is in closures."""
    for name in _MODULES:
        vars(sys.modules[__package__]).pop(name, None)
        sys.modules.pop(f"{__package__}.{name}", None)
