"""How single settings are read, and when one value of them is at least as tight as another.

What reads a value raises a ValueError that says what is wrong with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.gate_names import INDISPENSABLE, SIGNALS
from sessions.kernel.policy import DEFAULT
from sessions.packages.registries import Registries
from tools_registry.web import hosts

Names = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How one setting is read, and when one value is at least as tight as another.

    Attributes:
        parse: Makes a value of what stands in a file or an option.
        tight: Whether its first argument, from a workspace, is as tight as its second.
        from_text: Makes of an environment variable what could stand in a file.
        narrow: What holds when a workspace tightens: its value, or the person's made narrower.
    """

    parse: Callable[[object], Any]
    tight: Callable[[Any, Any], bool]
    from_text: Callable[[str], object] = str
    narrow: Callable[[Any, Any], Any] = lambda new, _: new


def one_of(*names: str) -> Callable[[object], str]:
    """One of a few words."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in names:
            msg = f"choose one of {', '.join(names)}"
            raise ValueError(msg)
        return value

    return parse


def number(least: float, *, above: bool = False) -> Callable[[object], float]:
    """A number of at least so much."""

    def parse(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            msg = "it must be a number"
            raise ValueError(msg)
        number = float(min(value, 10**300))
        if not math.isfinite(number) or number < least or (above and number == least):
            msg = f"it must be {'above' if above else 'at least'} {least:g}"
            raise ValueError(msg)
        return number

    return parse


def count(value: object) -> int:
    """A whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        msg = "it must be a whole number of at least 1"
        raise ValueError(msg)
    return value


def switch(value: object) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        msg = "it must be true or false"
        raise ValueError(msg)
    return value


def model(value: object) -> str:
    """Name of a model."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        msg = "it must be the name of a model, e.g. 'offline' or 'anthropic:claude-opus-5-5'"
        raise ValueError(msg)
    return value.strip()


def registries(value: object) -> Registries:
    """Where packages may come from."""
    if isinstance(value, Registries):
        return value
    return Registries.of(_texts(value, "texts, e.g. ['https://pypi.org/simple']"))


def directories(value: object) -> Names:
    """Whole paths, or from `~`."""
    hint = "whole paths, e.g. ['/srv/measurements', '~/datasets']"
    texts = _texts(value, hint)
    if not all(text.startswith(("/", "~")) and text.isprintable() for text in texts):
        raise _no_list_of(hint)
    return texts


def names(value: object) -> Names:
    """Modules, functions and magics, each once."""
    texts = _texts(value, "names, e.g. ['duckdb', 'os.remove', '%store']")
    DEFAULT.refusing(*texts)  # says which is no name
    return tuple(dict.fromkeys(texts))


def web_hosts(value: object) -> Names:
    """Patterns of hosts."""
    return hosts.patterns(_texts(value, "hosts, e.g. ['example.org', '*.example.com']"))


def remotes(value: object) -> Names:
    """Git repositories, each once."""
    hint = "git URLs or whole paths, e.g. ['https://git.example/skills']"
    texts = _texts(value, hint)
    if not all(text.strip() and text.isprintable() for text in texts):
        raise _no_list_of(hint)
    return tuple(dict.fromkeys(text.strip() for text in texts))


def gates(value: object) -> Names:
    """Gates by their signals, each once."""
    texts = _texts(value, "gates, e.g. ['types', 'mutation']")
    for text in texts:
        if text not in SIGNALS:
            msg = f"there is no gate {text[:40]!r}: choose from {', '.join(SIGNALS)}"
            raise ValueError(msg)
    return tuple(dict.fromkeys(texts))


def dispensable_gates(value: object) -> Names:
    """Gates that may be mere advice."""
    found = gates(value)
    if always := [name for name in found if name in INDISPENSABLE]:
        msg = f"{', '.join(always)} always blocks: the other gates rely on it"
        raise ValueError(msg)
    return found


def as_switch(text: str) -> object:
    """What a variable means by a yes or no."""
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)


def as_names(text: str) -> list[str]:
    """Words between commas or spaces."""
    return text.replace(",", " ").split()


def text_as(kind: Callable[[str], object]) -> Callable[[str], object]:
    """What a variable means, if it can be converted."""

    def convert(text: str) -> object:
        try:
            return kind(text)
        except ValueError:
            return text  # the rule's `parse` says what is wrong with it

    return convert


as_int, as_float = text_as(int), text_as(float)


def at_most(new: float, old: float) -> bool:
    """Less is tighter."""
    return new <= old


def ordered(*tight_first: str) -> Callable[[str, str], bool]:
    """Words of which an earlier one is tighter."""

    def tight(new: str, old: str) -> bool:
        return tight_first.index(new) <= tight_first.index(old)

    return tight


def are_among(new: Names, old: Names) -> bool:
    """Fewer are tighter."""
    return set(new) <= set(old)


def always(new: object, old: object) -> bool:
    """Whatever it is, it loosens nothing."""
    return True


def both(new: Names, old: Names) -> Names:
    """What a workspace names is added to what the person named."""
    return tuple(dict.fromkeys([*old, *new]))


def _texts(value: object, hint: str) -> Names:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise _no_list_of(hint)
    return tuple(texts)


def _no_list_of(hint: str) -> ValueError:
    return ValueError(f"it must be a list of {hint}")
