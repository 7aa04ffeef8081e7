"""Ways out by the language: each variant ends with the module `os` in hand, and uses it."""

from __future__ import annotations

from tests.conformance.escapes.case import Case, attacks

_AFTER = "@harm@"

# Walks up the frames of whoever called, to somebody who has imported `os`.
_CLIMB = """
def climb(frame):
    while frame.f_globals.get("__name__") == "__main__" or "os" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals["os"]
"""


def _frames(variants: dict[str, str]) -> list[Case]:
    return [
        case
        for name, code in variants.items()
        for case in attacks("frames", {name: _CLIMB + code.strip("\n")}, after=_AFTER)
    ]


CASES: list[Case] = [
    *attacks(
        "imports",
        {
            "direct": "import os",
            "aliased": "import posix as harmless\nos = harmless",
            "by a submodule": "import os.path as path\nos = path.os",
            "through another": "from shutil import os",
            "by the builtin": "os = __import__('o' + 's')",
            "of the network": """
                import os, socket
                socket.create_connection(("127.0.0.1", @tcp@), 1)
                """,
            "of programs": """
                import os
                from subprocess import run as walk
                walk(["touch", "@mark@-by-a-program"])
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "subclasses",
        {
            "a class that holds sys": """
                (found,) = [c for c in ().__class__.__base__.__subclasses__()
                            if c.__name__ == "_wrap_close"]
                os = found.__init__.__globals__["sys"].modules["os"]
                """,
            "the importer of builtins": """
                found = [c for c in object.__subclasses__() if c.__name__ == "BuiltinImporter"]
                os = found[0].load_module("posix")
                """,
            "a warning's catcher": """
                (found,) = [c for c in [].__class__.__mro__[1].__subclasses__()
                            if c.__name__ == "catch_warnings"]
                os = found.__init__.__globals__["sys"].modules["os"]
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "dunders by string",
        {
            "getattr": """
                base = getattr(getattr((), "__cl" + "ass__"), "__ba" + "se__")
                (found,) = [c for c in getattr(base, "__subcl" + "asses__")()
                            if c.__name__ == "_wrap_close"]
                names = getattr(getattr(found, "__in" + "it__"), "__glo" + "bals__")
                os = names["sys"].modules["os"]
                """,
            "type's own": """
                base = type.__getattribute__(tuple, "__base__")
                (found,) = [c for c in type.__getattribute__(base, "__subclasses__")()
                            if c.__name__ == "_wrap_close"]
                os = object.__getattribute__(found.__init__, "__globals__")["sys"].modules["os"]
                """,
            "attrgetter": """
                from operator import attrgetter
                os = attrgetter("__self__.__spec__.loader")(print).load_module("posix")
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "getattr in disguise",
        {
            "map": 'os = list(map(getattr, [print], ["__self__"]))[0].__import__("os")',
            "partial": """
                from functools import partial
                os = partial(getattr, print)("__self__").__dict__["__import__"]("os")
                """,
            "filter": """
                import random
                (name,) = filter(lambda name: name.strip("_") == "os", dir(random))
                os = vars(random)[name]
                """,
            "reduce": """
                from functools import reduce
                import random
                os = reduce(getattr, ["_os"], random)
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "format strings",
        {
            "a field": """
                import random, string
                os, _ = string.Formatter().get_field(
                    "0.__init__.__globals__[_os]", [random.Random], {})
                """,
            "a formatter that looks on": """
                import random, string
                seen = []
                class Curious(string.Formatter):
                    def format_field(self, value, specification):
                        seen.append(value)
                        return ""
                Curious().format("{0.__init__.__globals__[_os]}", random.Random)
                (os,) = seen
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "AttributeError.obj",
        {
            "of a format string": """
                import random
                try:
                    "{0.__init__.__globals__[_os].missing}".format(random.Random)
                except AttributeError as error:
                    os = error.obj
                """,
            "of attrgetter": """
                import random
                from operator import attrgetter
                try:
                    attrgetter("_os.missing")(random)
                except AttributeError as error:
                    os = error.obj
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "match patterns",
        {
            "of a module": """
                import random
                match random:
                    case object(_os=os):
                        pass
                """,
            "of a builtin": """
                match print:
                    case object(__self__=object(__import__=load)):
                        os = load("os")
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "except star",
        {
            "an exception's object": """
                import random
                from operator import attrgetter
                try:
                    try:
                        attrgetter("_os.missing")(random)
                    except AttributeError as error:
                        raise ExceptionGroup("two", [error, ValueError()])
                except* AttributeError as group:
                    os = group.exceptions[0].obj
                except* ValueError:
                    pass
                """,
            "a group that lies": """
                class Group(ExceptionGroup):
                    def split(self, kind):
                        return ExceptionGroup("", [ValueError(__import__("o" + "s"))]), None
                try:
                    raise Group("", [ValueError()])
                except* ValueError as group:
                    (error,) = group.exceptions[0].args or Group("", [error]).split(0)[0].exceptions
                    os = getattr(error, "args", [error])[0]
                """,
        },
        after=_AFTER,
    ),
    *_frames(
        {
            "of a traceback": """
try:
    raise ValueError
except ValueError as error:
    os = climb(error.__traceback__.tb_frame)
""",
            "of a generator": """
def generate():
    yield climb(generator.gi_frame.f_back)
generator = generate()
(os,) = generator
""",
            "of a coroutine": """
async def walk():
    return climb(coroutine.cr_frame)
coroutine = walk()
try:
    coroutine.send(None)
except StopIteration as stop:
    os = stop.value
""",
            "of an asynchronous generator": """
async def generate():
    yield climb(generator.ag_frame)
generator = generate()
try:
    generator.asend(None).send(None)
except StopIteration as stop:
    os = stop.value
""",
            "of the caller": "import sys\nos = climb(sys._getframe(1))",
            "of logging": "import logging\nos = climb(logging.currentframe())",
            "of inspect": "import inspect\nos = climb(inspect.stack()[0].frame)",
        }
    ),
]
