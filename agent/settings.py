"""What a person may choose, and from where: defaults < user < workspace < environment < options.

The workspace's `agent.toml` may come from a stranger: it may tighten, never loosen. Keys of
providers are read from the environment by their own libraries and never appear here.
"""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args

from agent.config_file import read_config, shown
from sessions.errors import UsageError
from sessions.kernel.policy import DEFAULT, Policy
from sessions.limits import Tier
from sessions.packages.registries import Registries, without_credentials
from tools_registry.web import hosts

Approval = Literal["automatic", "review"]
Isolation = Literal["required", "off"]
Review = Literal["branch", "staged", "files"]
Network = Literal["off", "ask", "allow"]
McpCalls = Literal["off", "each", "once", "allow"]

OFFLINE = "offline"
CLAUDE = "anthropic:claude-opus-5-5"
_FILE_NAME = "agent.toml"
_PLANNED_APPROVALS = ("trust", "manual")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The choices that hold for a run.

    Attributes:
        model: Model by pydantic-ai name, e.g. `anthropic:claude-opus-5-5`; `offline` is the engine
            that needs no key. By default Claude if `ANTHROPIC_API_KEY` is set, else `offline`.
        approval: `review` asks before something is kept; `automatic` asks nothing.
        tier: How much of the machine the kernel may use.
        isolation: `required` refuses to run code on a machine that can't isolate it.
        budget_usd: Most money one request may cost, in US dollars.
        max_requests: Most requests to the model in one run.
        request_timeout: Seconds one request to the model may take, retries and waits included.
        registries: Where packages may be installed from: URLs of indexes, and names of hosts that
            serve the files these point to.
        data: Directories that cells may read besides the workspace; whole paths, or from `~`.
        refuse: What cells may not use besides what the default policy refuses: modules, functions
            and magics, e.g. `duckdb`, `os.remove`, `%store`. A workspace adds to the person's.
        allow: What cells may use although the default policy refuses it; `refuse` outranks it.
        strict: Whether cells are to be small pure functions alone.
        network: Whether web pages are fetched for cells: `off` never; `ask` asks the person about
            each host once a run; `allow` asks nobody and fetches what `allow_hosts` names.
        allow_hosts: Hosts that need no question: `example.org`, `*.example.org`, `*` for all.
        mcp_calls: Whether cells may call tools of MCP servers: `off` never; `each` asks the person
            each time; `once` for each tool once a run; `allow` asks nobody.
        review: How a new skill is proposed: a commit on a `branch` of its own, `staged` in the
            index, or as `files` alone. A workspace may choose, for its repository has customs: with
            none of them anything counts as approved that the person did not approve.
        skill_remotes: Libraries of skills to share with: URLs of git repositories or whole paths,
            the first wins where two have a skill of one name.
        answers: Replies to the agent's questions, used in order.
        notes: What was ignored while loading, one line each, for a door to show.
    """

    model: str = OFFLINE
    approval: Approval = "review"
    tier: Tier = "standard"
    isolation: Isolation = "required"
    budget_usd: float = 1.0
    max_requests: int = 30
    request_timeout: float = 300.0
    registries: Registries = field(default_factory=Registries.of)
    data: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    strict: bool = False
    network: Network = "ask"
    allow_hosts: tuple[str, ...] = ()
    mcp_calls: McpCalls = "once"
    review: Review = "branch"
    skill_remotes: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def load(cls, workspace: str | Path = ".", **overrides: object) -> Self:
        """The settings for a workspace.

        Args:
            workspace: Directory whose `agent.toml` may tighten what the user has chosen.
            **overrides: Options that outrank everything; None means not given.

        Raises:
            UsageError: If an entry is unknown, of the wrong type, or names what does not exist.
        """
        chosen: dict[str, Any] = {name: getattr(cls(), name) for name in _RULES}
        chosen["model"] = CLAUDE if os.environ.get("ANTHROPIC_API_KEY") else OFFLINE
        chosen |= _from_file(user_file(), follow=True)
        own = Path(workspace).absolute() / _FILE_NAME
        tightened, notes = _tighten(chosen, _from_file(own, follow=False), own)
        given = {name: value for name, value in overrides.items() if value is not None}
        answers = _answers(given.pop("answers", ()))
        chosen |= tightened | _from_environment() | _checked(given, "options")
        return cls(**chosen, answers=answers, notes=notes)

    @property
    def policy(self) -> Policy:
        """What cells may do."""
        return DEFAULT.allowing(*self.allow).refusing(*self.refuse).strictly(self.strict)


def user_file() -> Path:
    """Where the user's own `agent.toml` lies."""
    from platformdirs import user_config_path

    return user_config_path("ipysmith") / _FILE_NAME


@dataclass(frozen=True, kw_only=True)
class _Rule:
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


def _model(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        msg = "it must be the name of a model, e.g. 'offline' or 'anthropic:claude-opus-5-5'"
        raise ValueError(msg)
    return value.strip()


def _approval(value: object) -> str:
    if value in _PLANNED_APPROVALS:
        msg = f"approval mode {value!r} is not there yet: choose automatic or review"
        raise ValueError(msg)
    return _one_of(*get_args(Approval))(value)


def _one_of(*names: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in names:
            msg = f"choose one of {', '.join(names)}"
            raise ValueError(msg)
        return value

    return parse


def _number(least: float, *, above: bool = False) -> Callable[[object], float]:
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


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        msg = "it must be a whole number of at least 1"
        raise ValueError(msg)
    return value


def _text_as(kind: Callable[[str], object]) -> Callable[[str], object]:
    def convert(text: str) -> object:
        try:
            return kind(text)
        except ValueError:
            return text  # the rule's `parse` says what is wrong with it

    return convert


_as_int, _as_float = _text_as(int), _text_as(float)


def _at_most(new: float, old: float) -> bool:
    return new <= old


def _ordered(*tight_first: str) -> Callable[[str, str], bool]:
    def tight(new: str, old: str) -> bool:
        return tight_first.index(new) <= tight_first.index(old)

    return tight


def _registries(value: object) -> Registries:
    if isinstance(value, Registries):
        return value
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        msg = "it must be a list of texts, e.g. ['https://pypi.org/simple']"
        raise ValueError(msg)
    return Registries.of(texts)


def _directories(value: object) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(_is_whole(text) for text in texts):
        msg = "it must be a list of whole paths, e.g. ['/srv/measurements', '~/datasets']"
        raise ValueError(msg)
    return tuple(texts)


def _is_whole(path: object) -> bool:
    return isinstance(path, str) and path.startswith(("/", "~")) and path.isprintable()


def _are_among(new: tuple[str, ...], old: tuple[str, ...]) -> bool:
    return set(new) <= set(old)


def _names(value: object) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        msg = "it must be a list of names, e.g. ['duckdb', 'os.remove', '%store']"
        raise ValueError(msg)
    DEFAULT.refusing(*texts)  # says which is no name
    return tuple(dict.fromkeys(texts))


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        msg = "it must be true or false"
        raise ValueError(msg)
    return value


def _hosts(value: object) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        msg = "it must be a list of hosts, e.g. ['example.org', '*.example.com']"
        raise ValueError(msg)
    return hosts.patterns(texts)


def _remotes(value: object) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(
        isinstance(text, str) and text.strip() and text.isprintable() for text in texts
    ):
        msg = "it must be a list of git URLs or whole paths, e.g. ['https://git.example/skills']"
        raise ValueError(msg)
    return tuple(dict.fromkeys(text.strip() for text in texts))


def _as_switch(text: str) -> object:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)


def _as_names(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _stays_home(new: str, old: str) -> bool:
    # Another model would send the user's data, or money, where the user did not choose.
    return new in (OFFLINE, old)


_RULES: dict[str, _Rule] = {
    "model": _Rule(parse=_model, tight=_stays_home),
    "approval": _Rule(parse=_approval, tight=_ordered("review", "automatic")),
    "tier": _Rule(parse=_one_of(*get_args(Tier)), tight=_ordered(*get_args(Tier))),
    "isolation": _Rule(parse=_one_of(*get_args(Isolation)), tight=_ordered("required", "off")),
    "budget_usd": _Rule(parse=_number(0), tight=_at_most, from_text=_as_float),
    "max_requests": _Rule(parse=_count, tight=_at_most, from_text=_as_int),
    "request_timeout": _Rule(
        parse=_number(0, above=True), tight=_at_most, from_text=_text_as(float)
    ),
    "registries": _Rule(
        parse=_registries,
        tight=Registries.is_within,
        from_text=str.split,
        narrow=lambda new, old: old.narrowed(new),
    ),
    "data": _Rule(
        parse=_directories, tight=_are_among, from_text=lambda text: text.split(os.pathsep)
    ),
    "refuse": _Rule(
        parse=_names,
        tight=lambda new, old: True,
        from_text=_as_names,
        narrow=lambda new, old: tuple(dict.fromkeys([*old, *new])),
    ),
    "allow": _Rule(parse=_names, tight=_are_among, from_text=_as_names),
    "review": _Rule(parse=_one_of(*get_args(Review)), tight=lambda new, old: True),
    "skill_remotes": _Rule(parse=_remotes, tight=_are_among, from_text=str.split),
    "strict": _Rule(parse=_switch, tight=operator.ge, from_text=_as_switch),
    "network": _Rule(parse=_one_of(*get_args(Network)), tight=_ordered(*get_args(Network))),
    "allow_hosts": _Rule(parse=_hosts, tight=hosts.is_within, from_text=_as_names),
    "mcp_calls": _Rule(parse=_one_of(*get_args(McpCalls)), tight=_ordered(*get_args(McpCalls))),
}


def _from_file(path: Path, *, follow: bool) -> dict[str, Any]:
    return _checked(read_config(path, follow=follow), str(path))


def _from_environment() -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, rule in _RULES.items():
        variable = f"AGENT_{name.upper()}"
        text = os.environ.get(variable, "").strip()
        if text:
            chosen[name] = _parsed(rule, f"environment variable {variable}", rule.from_text(text))
    return chosen


def _parsed(rule: _Rule, where: str, value: object) -> Any:
    try:
        return rule.parse(value)
    except ValueError as error:
        msg = f"{where} is {shown(without_credentials(repr(value)))}: {error}"
        raise UsageError(msg) from None


def _checked(entries: Mapping[str, object], source: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, value in entries.items():
        if name not in _RULES:
            near = "".join(f" (did you mean {n!r}?)" for n in _nearest(name))
            known = ", ".join(_RULES)
            msg = f"{source}: there is no setting {shown(name)!r}{near}: choose from {known}"
            raise UsageError(msg)
        chosen[name] = _parsed(_RULES[name], f"{source}: {name}", value)
    return chosen


def _nearest(name: str) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name[:40], _RULES, 1)


def _tighten(
    chosen: Mapping[str, Any], entries: Mapping[str, Any], path: Path
) -> tuple[dict[str, Any], tuple[str, ...]]:
    kept = {
        n: _RULES[n].narrow(v, chosen[n])
        for n, v in entries.items()
        if _RULES[n].tight(v, chosen[n])
    }
    notes = tuple(
        f"{path}: {name} = {shown(repr(value))} is ignored: a workspace may tighten, never loosen "
        f"(it stays {chosen[name]!r}; set it in {user_file()}, AGENT_{name.upper()} or an option)"
        for name, value in entries.items()
        if name not in kept
    )
    return kept, notes


def _answers(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    msg = "answers must be texts, in the order of the questions"
    raise UsageError(msg)
