"""What a person may choose, and from where: defaults < user < workspace < environment < options.

The workspace's `agent.toml` may come from a stranger: it may tighten, never loosen. Keys of
providers are read from the environment by their own libraries and never appear here.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args

from agent import setting_kinds as kinds
from agent.config_file import read_config, shown
from agent.gate_names import BLOCKING, INDISPENSABLE
from agent.setting_kinds import Rule
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
        history_size: Most tokens of a conversation that are sent with a request, estimated as
            characters / 4; what is older is summarised.
        request_timeout: Seconds one request to the model may take, retries and waits included.
        registries: Where packages may be installed from: URLs of indexes, and names of hosts that
            serve the files these point to.
        data: Directories that cells may read besides the workspace; whole paths, or from `~`.
        refuse: What cells may not use besides what the default policy refuses: modules, functions
            and magics, e.g. `duckdb`, `os.remove`, `%store`. A workspace adds to the person's.
        allow: What cells may use although the default policy refuses it; `refuse` outranks it.
        strict: Whether cells are to be small pure functions alone.
        offline_first: Whether the offline engine answers what it is sure of before a model is
            asked: sums, columns and files that are named, skills called by name. Costs nothing.
        network: Whether web pages are fetched for cells: `off` never; `ask` asks the person about
            each host once a run; `allow` asks nobody and fetches what `allow_hosts` names.
        allow_hosts: Hosts that need no question: `example.org`, `*.example.org`, `*` for all.
        mcp_calls: Whether cells may call tools of MCP servers: `off` never; `each` asks the person
            each time; `once` for each tool once a run; `allow` asks nobody.
        review: How a new skill is proposed: a commit on a `branch` of its own, `staged` in the
            index, or as `files` alone. A workspace may choose, for its repository has customs: with
            none of them anything counts as approved that the person did not approve.
        gates_advise: Gates that are advice and keep nothing out, e.g. `types`; those that others
            rely on always block. In a file these are `advise`, `block` and `seconds` of `[gates]`.
        gates_block: Gates that block besides the usual ones, e.g. `mutation`; it outranks
            `gates_advise`. A workspace adds to the person's.
        gates_seconds: Most seconds of one call of a candidate, and of one of its tests.
        attempts: Most attempts at a function before the person is asked.
        attempt_timeout: Seconds one attempt may take, requests to the model included.
        models_fast: Model of sub-agents whose tasks are simple; "" for `model`. In a file these are
            `fast` and `strong` of `[models]`.
        models_strong: Model of all other sub-agents; "" for `model`.
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
    history_size: int = 60_000
    request_timeout: float = 300.0
    registries: Registries = field(default_factory=Registries.of)
    data: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    strict: bool = False
    offline_first: bool = True
    network: Network = "ask"
    allow_hosts: tuple[str, ...] = ()
    mcp_calls: McpCalls = "once"
    review: Review = "branch"
    gates_advise: tuple[str, ...] = ()
    gates_block: tuple[str, ...] = ()
    gates_seconds: float = 5.0
    attempts: int = 5
    attempt_timeout: float = 600.0
    models_fast: str = ""
    models_strong: str = ""
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

    @property
    def blocking(self) -> frozenset[str]:
        """The gates that keep a candidate out."""
        return (BLOCKING - {*self.gates_advise}) | {*self.gates_block} | INDISPENSABLE


def user_file() -> Path:
    """Where the user's own `agent.toml` lies."""
    from platformdirs import user_config_path

    return user_config_path("ipysmith") / _FILE_NAME


def _approval(value: object) -> str:
    if value in _PLANNED_APPROVALS:
        msg = f"approval mode {value!r} is not there yet: choose automatic or review"
        raise ValueError(msg)
    return kinds.one_of(*get_args(Approval))(value)


def _stays_home(new: str, old: str) -> bool:
    # Another model would send the user's data, or money, where the user did not choose.
    return new in (OFFLINE, old)


_RULES: dict[str, Rule] = {
    "model": Rule(parse=kinds.model, tight=_stays_home),
    "approval": Rule(parse=_approval, tight=kinds.ordered("review", "automatic")),
    "tier": Rule(parse=kinds.one_of(*get_args(Tier)), tight=kinds.ordered(*get_args(Tier))),
    "isolation": Rule(
        parse=kinds.one_of(*get_args(Isolation)), tight=kinds.ordered("required", "off")
    ),
    "budget_usd": Rule(parse=kinds.number(0), tight=kinds.at_most, from_text=kinds.as_float),
    "max_requests": Rule(parse=kinds.count, tight=kinds.at_most, from_text=kinds.as_int),
    "history_size": Rule(parse=kinds.count, tight=kinds.at_most, from_text=kinds.as_int),
    "request_timeout": Rule(
        parse=kinds.number(0, above=True), tight=kinds.at_most, from_text=kinds.text_as(float)
    ),
    "registries": Rule(
        parse=kinds.registries,
        tight=Registries.is_within,
        from_text=str.split,
        narrow=lambda new, old: old.narrowed(new),
    ),
    "data": Rule(
        parse=kinds.directories,
        tight=kinds.are_among,
        from_text=lambda text: text.split(os.pathsep),
    ),
    "refuse": Rule(
        parse=kinds.names,
        tight=kinds.always,
        from_text=kinds.as_names,
        narrow=kinds.both,
    ),
    "allow": Rule(parse=kinds.names, tight=kinds.are_among, from_text=kinds.as_names),
    "review": Rule(parse=kinds.one_of(*get_args(Review)), tight=kinds.always),
    "gates_advise": Rule(
        parse=kinds.dispensable_gates, tight=kinds.are_among, from_text=kinds.as_names
    ),
    "gates_block": Rule(
        parse=kinds.gates, tight=kinds.always, from_text=kinds.as_names, narrow=kinds.both
    ),
    # Less than a second would keep gates that need time from finding anything.
    "gates_seconds": Rule(parse=kinds.number(1), tight=kinds.at_most, from_text=kinds.as_float),
    "attempts": Rule(parse=kinds.count, tight=kinds.at_most, from_text=kinds.as_int),
    "attempt_timeout": Rule(
        parse=kinds.number(0, above=True), tight=kinds.at_most, from_text=kinds.as_float
    ),
    "models_fast": Rule(parse=kinds.model, tight=_stays_home),
    "models_strong": Rule(parse=kinds.model, tight=_stays_home),
    "skill_remotes": Rule(parse=kinds.remotes, tight=kinds.are_among, from_text=str.split),
    "strict": Rule(parse=kinds.switch, tight=operator.ge, from_text=kinds.as_switch),
    "offline_first": Rule(
        parse=kinds.switch, tight=lambda new, old: True, from_text=kinds.as_switch
    ),
    "network": Rule(
        parse=kinds.one_of(*get_args(Network)), tight=kinds.ordered(*get_args(Network))
    ),
    "allow_hosts": Rule(parse=kinds.web_hosts, tight=hosts.is_within, from_text=kinds.as_names),
    "mcp_calls": Rule(
        parse=kinds.one_of(*get_args(McpCalls)), tight=kinds.ordered(*get_args(McpCalls))
    ),
}


def _from_file(path: Path, *, follow: bool) -> dict[str, Any]:
    return _checked(_flat(read_config(path, follow=follow)), str(path))


def _flat(entries: Mapping[str, object]) -> dict[str, object]:
    """The entries of a table under its name and theirs."""
    found: dict[str, object] = {}
    for name, value in entries.items():
        inner = value if isinstance(value, dict) else {}
        found |= {f"{name}_{key}": item for key, item in inner.items()} or {name: value}
    return found


def _from_environment() -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, rule in _RULES.items():
        variable = f"AGENT_{name.upper()}"
        text = os.environ.get(variable, "").strip()
        if text:
            chosen[name] = _parsed(rule, f"environment variable {variable}", rule.from_text(text))
    return chosen


def _parsed(rule: Rule, where: str, value: object) -> Any:
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
