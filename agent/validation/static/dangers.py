"""Calls that are dangerous by themselves, or by what they are given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from agent.validation.static.names import dotted, imported

Danger = tuple[int, str]
"""A line, and what is wrong there."""

Function = ast.FunctionDef | ast.AsyncFunctionDef

SECRET = re.compile(
    r"passw|passphrase|passcode|\bpwd|secret|token|\botp|api_?key|private_?key|signing_?key"
    r"|encryption_?key|nonce|\bsalt|session_?id|credential|invite_?code|reset_?code|voucher",
    re.IGNORECASE,
)
PASSWORD = re.compile(r"passw|passphrase|\bpwd|\bpin\b|secret|credential", re.IGNORECASE)
_AUTHORITY = re.compile(
    r"admin|auth|permission|allowed|owner|role|login|logged|password|token|signature|verified"
    r"|privilege|access|balance|staff|superuser",
    re.IGNORECASE,
)

_NEVER = {
    "runs text as code": ("eval", "exec", "compile", "code.Interactive*", "*.eval_js"),
    "runs text as code (pandas' `eval` and `query` with a text of the caller)": ("pandas.eval",),
    "imports what the caller names": ("__import__", "importlib.import_module", "runpy.run_*"),
    "starts a program": (
        *("os.system", "os.popen", "os.exec*", "os.spawn*", "os.posix_spawn*", "pty.spawn"),
        *("subprocess.getoutput", "subprocess.getstatusoutput", "commands.*"),
    ),
    "makes objects from bytes that can run code": (
        *("pickle.load*", "pickle.Unpickler", "cPickle.load*", "_pickle.load*", "dill.load*"),
        *("cloudpickle.load*", "marshal.load*", "shelve.open", "jsonpickle.decode"),
        *(
            "joblib.load",
            "torch.load",
            "pandas.read_pickle",
            "yaml.unsafe_load*",
            "yaml.full_load*",
        ),
    ),
    "names a file that somebody else can make first": ("tempfile.mktemp", "os.tmpnam"),
    "reads XML with external entities": (
        *(
            "xml.etree.*.parse",
            "xml.etree.*.fromstring",
            "xml.etree.*.XML",
            "xml.etree.*.iterparse",
        ),
        *("xml.dom.*.parse*", "xml.sax.parse*", "xml.sax.make_parser", "lxml.etree.parse"),
        *("lxml.etree.fromstring", "lxml.etree.XML"),
    ),
    "trusts any certificate": ("ssl._create_unverified_context", "ssl._create_stdlib_context"),
    "calls native code": ("ctypes.*", "cffi.FFI"),
    "reaches into the interpreter": (
        "globals",
        "locals",
        "vars",
        "sys._getframe",
        "inspect.*stack*",
    ),
}
_NETWORK = (
    *("requests.*", "urllib.request.*", "httpx.*", "aiohttp.*", "urllib3.*", "http.client.*"),
    *("socket.*", "ftplib.*", "smtplib.*", "telnetlib.*", "xmlrpc.*", "paramiko.*"),
)
_DIGESTS = ("hashlib.md5", "hashlib.sha1", "hashlib.sha2*", "hashlib.sha5*", "hashlib.new")
_OPTIONS: tuple[tuple[str, object, str], ...] = (
    ("shell", True, "hands a text to the shell"),
    ("verify", False, "trusts any certificate"),
    ("check_hostname", False, "trusts any certificate"),
    ("allow_pickle", True, "makes objects from bytes that can run code"),
    ("debug", True, "lets visitors run code"),
)
_LOG = re.compile(r"\blog(?:ger|ging)?\.\w+$")
_SIGNATURE = re.compile(r"signature|\bmac\b|hmac")
_NO_HASH = "is no hash for passwords: use hashlib.scrypt with a salt"
_FORETOLD = "can be foretold: use the module secrets"
_BROKEN_CIPHERS = ("*.ARC4.new", "*.DES.new", "*.DES3.new", "*.Blowfish.new", "*.MODE_ECB")


def dangers(tree: ast.Module) -> Iterator[Danger]:
    """Dangerous calls and values in a module."""
    names = imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)):
            yield from _named(node, dotted(node, names))
        if isinstance(node, ast.Call):
            yield from _called(node, dotted(node.func, names))
            yield from _told(node, dotted(node.func, names))
        if isinstance(node, Function):
            yield from _guessable(node, names)
        if isinstance(node, ast.Assert) and _AUTHORITY.search(ast.unparse(node.test)):
            yield node.lineno, "an assert does not guard: it is gone when Python runs with -O"
        if isinstance(node, ast.Compare):
            yield from _compared(node, names)


def _named(node: ast.Name | ast.Attribute, name: str) -> Iterator[Danger]:
    """Names that may not even be passed on."""
    for reason, patterns in _NEVER.items():
        if _fits(name, patterns):
            yield node.lineno, f"{name} {reason}"
    if _fits(name, _BROKEN_CIPHERS):
        yield node.lineno, f"{name} is a broken cipher"
    if name in ("ssl.CERT_NONE", "ssl.PROTOCOL_SSLv2", "ssl.PROTOCOL_SSLv3", "ssl.PROTOCOL_TLSv1"):
        yield node.lineno, f"{name} leaves the connection unprotected"


def _called(call: ast.Call, name: str) -> Iterator[Danger]:
    """Calls that are dangerous by what they are given."""
    told = {k.arg: k.value for k in call.keywords}
    for argument, value, reason in _OPTIONS:
        if _is(told.get(argument), value):
            yield call.lineno, f"{name} {reason}"
    if name == "yaml.load" and "Safe" not in ast.unparse(call):
        yield call.lineno, "yaml.load makes any object; use yaml.safe_load"
    unpacks = name.endswith((".extractall", ".extract")) or name == "shutil.unpack_archive"
    if unpacks and not _is(told.get("filter"), "data"):
        yield call.lineno, f"{name} writes wherever the archive says; use filter='data'"
    if name.endswith("chmod") and any(_is_open_to_all(argument) for argument in call.args):
        yield call.lineno, f"{name} lets everybody write"
    if _fits(name, _NETWORK):
        yield call.lineno, f"{name} reaches over the network"
    named = call.args[1:2]
    if name in ("setattr", "getattr") and not all(isinstance(n, ast.Constant) for n in named):
        yield call.lineno, f"{name} reaches whatever attribute the caller names"


def _told(call: ast.Call, name: str) -> Iterator[Danger]:
    """Secrets that are handed to the wrong function."""
    given = _text_of(call.args)
    variable = _text_of([a for a in call.args if not isinstance(a, ast.Constant)])
    if name in ("os.getenv", "os.environ.get") and SECRET.search(given):
        yield call.lineno, f"{name} takes a secret out of the environment: let it be an argument"
    if _fits(name, _DIGESTS) and PASSWORD.search(given):
        yield call.lineno, f"{name} {_NO_HASH}"
    if (name == "print" or _LOG.search(name)) and PASSWORD.search(variable):
        yield call.lineno, f"{name} shows a secret"


def _guessable(function: Function, names: Mapping[str, str]) -> Iterator[Danger]:
    """Secrets made by a generator that can be foretold; passwords under a fast hash."""
    is_secret = bool(SECRET.search(function.name))
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func, names)
        is_random = _fits(name, ("random.*", "numpy.random.*")) and name != "random.SystemRandom"
        if is_random and (is_secret or SECRET.search(_around(function, node))):
            yield node.lineno, f"{name} {_FORETOLD}"
        if name in ("uuid.uuid1", "time.time") and is_secret:
            yield node.lineno, f"{name} {_FORETOLD}"
        if _fits(name, _DIGESTS) and PASSWORD.search(function.name):
            yield node.lineno, f"{name} {_NO_HASH}"


def _around(function: ast.AST, inner: ast.AST) -> str:
    """The names that a value is assigned to."""
    assigned = [n for n in ast.walk(function) if isinstance(n, (ast.Assign, ast.AnnAssign))]
    holders = [n for n in assigned if any(inner is below for below in ast.walk(n))]
    targets = [t for n in holders for t in (n.targets if isinstance(n, ast.Assign) else [n.target])]
    return " ".join(map(ast.unparse, targets))


def _compared(node: ast.Compare, names: Mapping[str, str]) -> Iterator[Danger]:
    """Signatures compared letter by letter, which tells how many were right."""
    if not all(isinstance(op, (ast.Eq, ast.NotEq)) for op in node.ops):
        return
    sides = [node.left, *node.comparators]
    if any(isinstance(side, ast.Constant) for side in sides):
        return
    uses_hmac = any(value.partition(".")[0] == "hmac" for value in names.values())
    if uses_hmac and any(_SIGNATURE.search(ast.unparse(side)) for side in sides):
        yield node.lineno, "comparing signatures by == leaks them: use hmac.compare_digest"


def _is_open_to_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value & 0o002 > 0


def _is(node: ast.expr | None, value: object) -> bool:
    return (
        isinstance(node, ast.Constant) and type(node.value) is type(value) and node.value == value
    )


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _text_of(nodes: list[ast.expr]) -> str:
    return " ".join(map(ast.unparse, nodes))
