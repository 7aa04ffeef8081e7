"""Refuses what cells do at run time: programs, connections, native code, text that is run.

The interpreter itself calls the hook for each such event, whichever way the code took, and never
lets go of it. It stays silent about everything that libraries do for themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from socket import AF_INET, AF_INET6
from types import CodeType

from .bytecode import imports
from .origin import Origin
from .policy import Policy
from .refusals import ActionPolicyError, ImportPolicyError, PolicyError

Rule = Callable[[tuple[object, ...]], None]

# Event → the name that the policy knows it by. Refused whatever library a cell does it through.
_CAUSED = {
    "os.exec": "os.execv",
    "os.forkpty": "pty",
    "os.posix_spawn": "os.posix_spawn",
    "os.spawn": "os.spawnv",
    "os.system": "os.system",
    "pty.spawn": "pty",
    "socket.bind": "socket",
    "socket.connect": "socket",
    "socket.getaddrinfo": "socket",
    "socket.gethostbyaddr": "socket",
    "socket.gethostbyname": "socket",
    "socket.sendto": "socket",
    "subprocess.Popen": "subprocess",
    "urllib.Request": "urllib.request",
    "webbrowser.open": "webbrowser",
}
# Libraries need these for what cells may do: a pool of processes, shared arrays.
_ASKED = {
    "ctypes.addressof": "ctypes",
    "ctypes.call_function": "ctypes",
    "ctypes.cdata": "ctypes",
    "ctypes.dlopen": "ctypes",
    "ctypes.dlsym": "ctypes",
    "ctypes.string_at": "ctypes",
    "os.fork": "os.fork",
}
_TEXT = ("exec", "function.__new__")


def watch_actions(policy: Policy, origin: Origin) -> None:
    """Install the hook in this process, for good."""
    watched = _rules(policy, origin)

    def hook(
        event: str, arguments: tuple[object, ...], watched: Mapping[str, Rule] = watched
    ) -> None:
        rule = watched.get(event)
        if rule is None:
            return
        try:
            rule(arguments)
        except PolicyError:
            raise
        except Exception as error:
            msg = f"what the cell does could not be checked, so it was not done ({error!r})"
            raise ActionPolicyError(msg) from None

    sys.addaudithook(hook)


def _rules(policy: Policy, origin: Origin) -> dict[str, Rule]:
    rules = dict.fromkeys(_TEXT, _text(policy, origin))
    for event, name in _CAUSED.items():
        if reason := policy.name(name):
            # `pty` would take an `OSError` for a system without pseudo-terminals, and try another
            kind = PolicyError if name == "pty" else ActionPolicyError
            rules[event] = _caused(origin, kind, reason)
    for event, name in _ASKED.items():
        if reason := policy.name(name):
            rules[event] = _asked(origin, reason, name.partition(".")[0])
    if reason := policy.name("socket"):
        rules["socket.__new__"] = _reaching(origin, reason)
    return rules


def _caused(origin: Origin, kind: type[PolicyError], reason: str) -> Rule:
    causes, frames = origin.causes, sys._getframe

    def rule(_: tuple[object, ...]) -> None:
        if causes(frames(2)):
            raise kind(reason)

    return rule


def _asked(origin: Origin, reason: str, passing: str) -> Rule:
    asks, frames = origin.asks, sys._getframe

    def rule(_: tuple[object, ...]) -> None:
        if asks(frames(2), passing):
            raise ActionPolicyError(reason)

    return rule


def _reaching(origin: Origin, reason: str) -> Rule:
    causes, frames = origin.causes, sys._getframe

    def rule(arguments: tuple[object, ...]) -> None:
        family = arguments[1]
        if family in (AF_INET, AF_INET6) and causes(frames(2)):
            raise ActionPolicyError(reason)

    return rule


def _text(policy: Policy, origin: Origin) -> Rule:
    runs, frames, refusal, roots = origin.runs, sys._getframe, policy.name, policy.roots

    def rule(arguments: tuple[object, ...]) -> None:
        code = arguments[0]
        if not isinstance(code, CodeType) or not _is_text(code.co_filename):
            return
        for name in imports(code, roots):
            if (reason := refusal(name)) and runs(frames(2)):
                raise ImportPolicyError(reason)

    return rule


def _is_text(file: str) -> bool:
    """Whether code was compiled from a text or a cell, and not from a module's file."""
    return "/ipykernel_" in file or (file.startswith("<") and not file.startswith("<frozen"))
