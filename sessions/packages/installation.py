"""One installation, from what is asked for to what can be imported."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from sessions import interpreter
from sessions.errors import PackageError, RefusedError
from sessions.isolation.spec import Spec
from sessions.packages import environment, pip, requirements
from sessions.packages.environment import Environment
from sessions.packages.events import Installed, PackageProgress
from sessions.packages.forwarder import Forwarder
from sessions.packages.process import InstallerProcess
from sessions.packages.registries import Registries
from sessions.workspace import PACKAGES

Tell = Callable[[PackageProgress], None]

_MB = 1 << 20
_GB = 1 << 30
_UNPACKING = 3  # a wheel, its copy in pip's cache, and what it unpacks to
_POLL_SECONDS = 0.2
_LINES = 20
_TOLD = re.compile(r"\s*(Collecting|Downloading|Using cached|Installing collected)\b")
_AUTHORITIES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True, kw_only=True)
class InstallLimits:
    """Ceilings of one installation; sizes in bytes, times in seconds.

    Attributes:
        seconds: Wall-clock time.
        download: What may pass between installer and registries.
        disk: What all packages of a workspace may take.
        memory: Memory of the installer.
    """

    seconds: float = 600
    download: int = _GB
    disk: int = _GB
    memory: int = _GB


@dataclass(frozen=True, kw_only=True)
class Installer:
    """Installs packages for a workspace that a session has open.

    Attributes:
        workspace: Its real path.
        registries: Where packages may come from.
        limits: Ceilings.
        pip: Where pip is taken from, if not from the environment.
        data: More that the installer may read.
    """

    workspace: Path
    registries: Registries = field(default_factory=Registries.of)
    limits: InstallLimits = field(default_factory=InstallLimits)
    pip: Path | None = field(default_factory=pip.location)
    data: tuple[Path, ...] = ()

    @classmethod
    def of(cls, workspace: Path, registries: Registries | None) -> Self:
        """The installer of a workspace; from the public registry if none are named."""
        return cls(workspace=workspace, registries=registries or Registries.of())

    async def install(self, texts: Sequence[str], tell: Tell = lambda _: None) -> Installed:
        """Install packages: all of them with all they need or, on any error, none.

        Args:
            texts: What is wanted, e.g. `polars>=1`.
            tell: Called with each step.

        Raises:
            UsageError: If a text is no requirement, or another version is there already.
            RefusedError: If a registry is not allowed.
            IsolationError: If the installer can't be isolated on this machine.
            PackageError: If it could not be done, or met a limit.
        """
        started = time.monotonic()
        wanted = requirements.parsed(texts)
        there = Environment(self.workspace)
        async with there.locked():
            present = _present() | there.versions()
            missing = requirements.missing(wanted, present)
            versions = await self._fetch(there, missing, present, tell) if missing else {}
        return Installed(versions=versions, seconds=time.monotonic() - started)

    async def _fetch(
        self, there: Environment, missing: Sequence[Any], present: Mapping[str, str], tell: Tell
    ) -> Mapping[str, str]:
        if not self.registries.indexes:
            msg = "no registry is allowed here: name one in `registries` of your own settings"
            raise RefusedError(msg)
        with there.staging() as folder:
            await asyncio.to_thread(_write_inputs, folder, present)
            texts = [requirements.canonical(requirement) for requirement in missing]
            await self._run(folder, texts, tell)
            site = folder / "site"
            if not site.is_dir():  # an extra that needed nothing more
                return {}
            return await asyncio.to_thread(there.adopt, site, self.limits.disk)

    async def _run(self, folder: Path, texts: Sequence[str], tell: Tell) -> None:
        process = InstallerProcess(self._specification(folder, texts))
        told = _Told(self.registries, tell)
        try:
            async with asyncio.timeout(self.limits.seconds):
                await process.start()
                forwarder = Forwarder(
                    process.gateway, self.registries, self.limits.download, told.count
                )
                await _first(forwarder.serve(), self._watch(folder), _follow(process, told))
        except TimeoutError:
            msg = f"the installation took more than {self.limits.seconds:g} seconds: ended"
            raise PackageError(msg) from None
        finally:
            process.close()

    async def _watch(self, folder: Path) -> None:
        """Wait until too much is unpacked."""
        most = _UNPACKING * self.limits.disk
        while True:
            if await asyncio.to_thread(environment.size, folder) > most:
                msg = f"the packages unpack to more than {most // _MB} MB: nothing was installed"
                raise PackageError(msg)
            await asyncio.sleep(_POLL_SECONDS)

    def _specification(self, folder: Path, texts: Sequence[str]) -> Spec:
        shown = [*self.data, *([self.pip] if self.pip else [])]
        return Spec(
            workspace=str(folder),
            mount_point="",
            interpreter=interpreter.directories(),
            packages=interpreter.packages(),
            data=tuple(map(str, shown)),
            libraries={PACKAGES: str(Environment(self.workspace).folder)},
            memory=self.limits.memory,
            processes=64,
            open_files=1024,
            file_size=self.limits.disk,
            environment=interpreter.environment(),
            kernel={
                "requirements": list(texts),
                "indexes": list(self.registries.indexes),
                "pip": str(self.pip or ""),
            },
        )


class _Told:
    """What pip says: steps for the person, and its last words if it fails."""

    def __init__(self, registries: Registries, tell: Tell) -> None:
        self._registries = registries
        self._tell = tell
        self._step = "Connecting"
        self._received = 0
        self._last = ""
        self._errors: deque[str] = deque(maxlen=_LINES)

    def line(self, line: str) -> None:
        clean = "".join(c if c.isprintable() else "?" for c in line)[:300]
        clean = self._registries.redacted(clean)
        if clean.startswith("ERROR: "):
            self._errors.append(clean.removeprefix("ERROR: "))
        elif clean.strip():
            self._last = clean.strip()
        if _TOLD.match(clean):
            self._step = clean.strip()
            self._tell(PackageProgress(text=self._step, received=self._received))

    def count(self, received: int) -> None:
        before, self._received = self._received, received
        if before // _MB != received // _MB:
            self._tell(PackageProgress(text=self._step, received=received))

    def failure(self) -> PackageError:
        missing = [e for e in self._errors if e.startswith("No matching distribution found for ")]
        if missing:
            name = missing[0].rpartition(" for ")[2]
            msg = (
                f"no wheel of {name} fits this Python and what is installed: check name and "
                "version (packages that would have to be built are not installed)"
            )
        else:
            errors = [error for error in self._errors if error != "Exception:"] or [self._last]
            msg = f"nothing was installed: {' '.join(errors) or 'the installer gave no reason'}"
        return PackageError(msg)


async def _follow(process: InstallerProcess, told: _Told) -> None:
    async for line in process.output():
        told.line(line)
    if await process.ended():
        raise told.failure()


async def _first(*works: Coroutine[Any, Any, Any]) -> None:
    """Run works side by side until one is over or fails; none goes on then."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _write_inputs(folder: Path, present: Mapping[str, str]) -> None:
    """The versions that must stay, and the authorities that the person's environment names."""
    pins = "".join(f"{name}=={version}\n" for name, version in present.items())
    (folder / "constraints.txt").write_text(pins, "utf-8")
    named = next(filter(None, map(os.environ.get, _AUTHORITIES)), None)
    if named is not None and Path(named).is_file():
        (folder / "authorities.pem").write_bytes(Path(named).read_bytes())


def _present() -> dict[str, str]:
    """Canonical name → version of what the kernel brings along."""
    from importlib.metadata import distributions

    from packaging.utils import canonicalize_name

    there = distributions(path=list(interpreter.packages()))
    found = [(d.metadata["Name"], d.version) for d in there]
    named = reversed(found)  # the first on the path is the one that is imported
    return {canonicalize_name(name): version for name, version in named if name and version}
