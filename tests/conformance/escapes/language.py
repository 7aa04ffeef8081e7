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
    *attacks(
        "modules of modules",
        {
            "random": "import random\nos = random._os",
            "pandas": "import pandas\nos = pandas.io.common.os",
            "numpy": "from numpy.lib import _datasource\nos = _datasource.os",
            "logging": 'import logging\nos = logging.sys.modules["os"]',
            "glob": "from glob import os as os",
        },
        after=_AFTER,
    ),
    *attacks(
        "the import system",
        {
            "sys.modules": 'import sys\nos = sys.modules["posix"]',
            "importlib": 'import importlib\nos = importlib.import_module("".join("so"[::-1]))',
            "a module's specification": """
                import builtins
                os = builtins.__spec__.loader.load_module("posix")
                """,
            "a loader that reads": """
                import json, os
                for path in ("@secret@", "@readable@"):
                    try: print(json.__spec__.loader.get_data(path))
                    except OSError: pass
                """,
            "a loader that writes": """
                import json, os
                try: json.__loader__.set_data("@mark@-by-a-loader", b"x")
                except OSError: pass
                """,
            "a spec from a path": """
                import importlib.util, os
                where = importlib.util.spec_from_file_location("found", os.__file__)
                os = importlib.util.module_from_spec(where)
                where.loader.exec_module(os)
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "built at run time",
        {
            "a name of letters": 'os = __import__("".join(map(chr, [111, 115])))',
            "a mangled name": """
                import random
                class Holder:
                    __os = random._os
                os = Holder()._Holder__os
                """,
            "a name in other letters": "import \uff4f\uff53",
            "globals": """
                import random
                globals()["o" "s"] = vars(random)["_" "os"]
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "reduce",
        {
            "pickle": """
                import pickle
                class Evil:
                    def __reduce__(self):
                        return __import__, ("os",)
                os = pickle.loads(pickle.dumps(Evil()))
                """,
            "copy": """
                import copy
                class Evil:
                    def __reduce_ex__(self, protocol):
                        return __import__, ("os",)
                os = copy.copy(Evil())
                """,
            "a pickle by hand": r"""
                import pickle
                os = pickle.loads(b"cbuiltins\n__import__\n(S'os'\ntR.")
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "calls without calling",
        {
            "a metaclass": """
                class Meta(type):
                    __getitem__ = lambda cls, name: __import__(name)
                class Loads(metaclass=Meta): pass
                os = Loads["o" "s"]
                """,
            "decorators": """
                @eval
                @lambda _: "__import__('o' + 's')"
                def os(): pass
                """,
            "a descriptor": """
                class Loads:
                    def __get__(self, instance, owner):
                        return __import__("o" + "s")
                class Owner:
                    os = Loads()
                os = Owner.os
                """,
            "a class that is told its name": """
                found = []
                class Told:
                    def __set_name__(self, owner, name):
                        found.append(__import__(name))
                class Owner:
                    os = Told()
                (os,) = found
                """,
            "operators": """
                class Loads:
                    __matmul__ = lambda self, name: __import__(name)
                    __class_getitem__ = classmethod(lambda cls, name: __import__(name))
                os = Loads() @ "os"
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "native code",
        {
            "ctypes": """
                import ctypes, os
                libc = ctypes.CDLL(None)
                libc.system(b"cat @secret@ > @mark@")
                """,
            "ctypes under its other name": """
                import _ctypes, os
                from ctypes import pythonapi, py_object
                pythonapi.PyRun_SimpleString(b"import os; os.system('touch @mark@-by-the-api')")
                """,
            "a fork without subprocess": """
                import _posixsubprocess, os
                out, into = os.pipe()
                arguments = [b"/usr/bin/touch", b"@mark@-by-a-fork"]
                _posixsubprocess.fork_exec(
                    arguments, (b"/usr/bin/touch",), True, (into,), None, None,
                    -1, -1, -1, -1, -1, -1, out, into, False, False, -1, None, None, None, -1, None,
                    False)
                os.close(into)
                os.read(out, 99)
                import time
                time.sleep(0.05)
                """,
            "a C library through numpy": """
                import os, numpy
                numpy.ctypeslib.load_library("libc.so.6", "/lib/x86_64-linux-gnu").system(
                    b"touch @mark@-by-numpy")
                """,
            "memory of a file": """
                import mmap, os
                with open("@victim@", "r+b") as file:
                    mmap.mmap(file.fileno(), 0)[:4] = b"evil"
                """,
            "C++ that opens files": """
                import os
                from pyarrow import fs
                print(fs.LocalFileSystem().open_input_file("@secret@").read())
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "code objects",
        {
            "compiled": 'exec(compile("import os", "harmless", "exec"))',
            "marshalled": """
                import marshal
                exec(marshal.loads(marshal.dumps(compile("import os", "", "exec"))))
                """,
            "with names replaced": """
                def load():
                    import json as found
                    return found
                os = type(load)(load.__code__.replace(co_names=("posix",)), {})()
                """,
            "evaluated": 'os = eval("__import__(\'o\' + \'s\')", {"__name__": "elsewhere"})',
            "typed in by a person": """
                import codeop, os
                exec(codeop.compile_command("import os"))
                """,
        },
        after=_AFTER,
    ),
    *attacks(
        "the guard's own names",
        {
            "the importer in its closure": """
                import builtins
                for cell in getattr(builtins.__import__, "__closure__", None) or ():
                    if callable(cell.cell_contents) and "import" in repr(cell.cell_contents):
                        builtins.__import__ = cell.cell_contents
                # %%
                import os, subprocess
                subprocess.run(["touch", "@mark@-by-a-program"])
                """,
            "its check": """
                shell = type(get_ipython())
                shell.guard = None
                # %%
                import os, subprocess
                subprocess.run(["touch", "@mark@-by-a-program"])
                """,
            "its refusals": """
                import gc
                for found in gc.get_objects():
                    if type(found).__name__ == "Guard":
                        type(found)._refusals = lambda self, tree: iter(())
                # %%
                import os, subprocess
                subprocess.run(["touch", "@mark@-by-a-program"])
                """,
            "what it walks by": """
                import ast
                ast.walk = lambda tree: iter(())
                # %%
                import os, subprocess
                subprocess.run(["touch", "@mark@-by-a-program"])
                """,
            "the standard library's": """
                import posixpath
                posixpath.realpath = posixpath.abspath = lambda path, **options: "/tmp"
                # %%
                import os
                """,
        },
        after=_AFTER,
        spoils=True,
    ),
]
