"""Ways out by what Python makes at run time: modules, names, objects, code, the guard's own parts.

As in `language`, each variant ends with the module `os` in hand, and uses it.
"""

from __future__ import annotations

from tests.conformance.escapes.case import Case, attacks

_AFTER = "@harm@"

CASES: list[Case] = [
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
