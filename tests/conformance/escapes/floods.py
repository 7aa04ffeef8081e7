"""Ways to hurt the host by what it reads: pickles, floods, what is small on the wire only."""

from __future__ import annotations

from tests.conformance.escapes.case import Case, attacks

_INSIDE = "the host reads it as data"
_EVIL = """
class Evil:
    def __reduce__(self):
        return __import__("os").system, ("touch @mark@-by-a-pickle",)
"""

CASES: list[Case] = [
    *attacks(
        "unpickling",
        {
            "an object": f"{_EVIL}\npulled = Evil()",
            "an array of objects": f"{_EVIL}\nimport numpy\npulled = numpy.array([Evil()], object)",
            "a table of objects": f"""{_EVIL}
import pandas
pulled = pandas.DataFrame({{"a": [Evil()]}})
""",
            "attributes of a table": f"""{_EVIL}
import pandas
pulled = pandas.DataFrame({{"a": [1]}})
pulled.attrs["evil"] = Evil()
""",
            "bytes in place of a value": f"""{_EVIL}
import pickle, sys
evil = pickle.dumps(Evil())
for name, module in list(sys.modules.items()):
    if name.startswith("_agent_kernel"):
        for found in ("written", "write", "encode", "encoded", "dumps"):
            if hasattr(module, found):
                setattr(module, found, lambda *arguments, **options: evil)
pulled = [1, 2]
""",
            "a forged answer": f"""{_EVIL}
import pickle
kernel = get_ipython().kernel
for _ in range(3):
    kernel.session.send(kernel.shell_stream, "agent_reply", {{"status": "ok", "answer": {{
        "format": "array", "sizes": [99]}}}}, kernel.get_parent(), buffers=[pickle.dumps(Evil())])
pulled = 1
""",
        },
        pulled=("pulled",),
        harmless_because=_INSIDE,
        spoils=True,
    ),
    *attacks(
        "small here and huge there",
        {
            "an integer": "10**200_000",
            "deep lists": """
                deep = inner = []
                for _ in range(100_000):
                    inner.append([])
                    inner = inner[0]
                deep
                """,
            "a shared list": """
                billion = ["x" * 10]
                for _ in range(9):
                    billion = [billion] * 10
                billion[:0] or None
                """,
            "many names": 'globals().update({f"name_{n}": n for n in range(50_000)})',
            "many displays": "for n in range(3_000):\n    display({'text/plain': 'x'}, raw=True)",
            "one display": 'display({"text/html": "x" * (9 << 20)}, raw=True)',
            "one error": 'raise ValueError("x" * (9 << 20))',
            "one name": 'raise type("E" * (5 << 20), (Exception,), {})',
            "one line": 'print("x" * (9 << 20))',
        },
        harmless_because=_INSIDE,
        spoils=True,
    ),
    *attacks(
        "small on the wire",
        {
            "compressed columns": """
                import pandas
                pulled = pandas.DataFrame({"a": pandas.RangeIndex(3)})
                pulled = pulled.reindex(columns=range(2000))
                """,
            "few bytes that claim many": """
                import numpy
                pulled = numpy.broadcast_to(numpy.zeros(1), (1 << 40,))
                """,
            "a range that is long": """
                import pandas
                pulled = pandas.Series(0, index=pandas.RangeIndex(3))
                pulled.index = pandas.RangeIndex(0, 3 << 40, 1 << 40)
                """,
            "a forged size": """
                kernel = get_ipython().kernel
                kernel.session.send(kernel.shell_stream, "agent_reply", {"status": "ok", "answer": {
                    "format": "frame", "sizes": [10, 1 << 60]}}, kernel.get_parent())
                pulled = 1
                """,
        },
        pulled=("pulled",),
        harmless_because=_INSIDE,
        spoils=True,
    ),
    *attacks(
        "descriptors",
        {
            "sent to whoever listens": """
                import array, os, socket
                many = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", many))]
                for name in os.listdir("/proc/self/fd"):
                    try: found = socket.socket(fileno=os.dup(int(name)))
                    except OSError: continue
                    with found:
                        found.setblocking(False)
                        for _ in range(20):
                            try: found.sendmsg([b'{"cells": 1}'], rights)
                            except OSError: break
                for number in many:
                    os.close(number)
                """,
            "all there are": """
                import os
                many = []
                try:
                    while True:
                        many.append(os.open("/dev/null", os.O_RDONLY))
                except OSError as error:
                    print(error)
                for number in many:
                    os.close(number)
                """,
        },
        harmless_because=_INSIDE,
        spoils=True,
    ),
]
