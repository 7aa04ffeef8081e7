"""What cells do once they hold something dangerous; they write it `@name@`."""

from __future__ import annotations

# With the module `os` in hand: read, write, run, and say that it was tried.
_HARM = """
def _harm(os):
    def attempt(action):
        try:
            print(action())
        except Exception as error:
            print(type(error).__name__, str(error)[:80])
    def read(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            return os.read(descriptor, 99)
        finally:
            os.close(descriptor)
    attempt(lambda: read("@secret@"))
    attempt(lambda: read("@home_secret@"))
    attempt(lambda: os.close(os.open("@mark@", os.O_CREAT | os.O_WRONLY)))
    attempt(lambda: getattr(os, "system")("touch @mark@-by-a-shell"))
    print("tried")
_harm(os)
"""

# Raw system calls, whatever module there is for them.
_SYSTEM_CALLS = """
import ctypes, os, struct
_libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _libc.syscall(ctypes.c_long(number), *words)
def why():
    number = ctypes.get_errno()
    return os.strerror(number) if number else "no error"
def reachable(name, number, *arguments):
    # Refused means that the call never looks at what it was given.
    answer = call(number, *arguments)
    refused = answer < 0 and ctypes.get_errno() in (1, 38, 93, 97)
    print(name, answer, why(), "" if refused else "@leak@")
def attempt(action, *arguments):
    try:
        print(action(*arguments))
    except Exception as error:
        print(type(error).__name__, str(error)[:80])
print("tried")
"""

SNIPPETS = {"harm": _HARM, "system_calls": _SYSTEM_CALLS}
