"""Real pip in its walls, on a registry of our own."""

from __future__ import annotations

import asyncio
import io
import os
import stat
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sessions.errors import AgentError, PackageError, RefusedError, UsageError
from sessions.packages.environment import Environment
from sessions.packages.events import PackageProgress
from sessions.packages.installation import Installer, InstallLimits
from sessions.packages.registries import Registries
from tests.support.registry import PackageServer, wheel

MARK = "x_marks_the_spot"


def brought(installer: Installer) -> set[str]:
    """Everything that installations have left, by path."""
    environment = Environment(installer.workspace)
    return {
        str(path.relative_to(layer)) for layer in environment.layers() for path in layer.rglob("*")
    }


def nothing_left(installer: Installer) -> bool:
    """Whether there is no trace of an installation that failed."""
    root = Environment(installer.workspace).folder.parents[1]
    return brought(installer) == set() and [p.name for p in root.iterdir()] == ["cpython-311"]


def processes() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture(autouse=True)
def nothing_runs_on() -> Iterable[None]:
    before = processes()
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    yield
    assert processes() <= before
    assert len(list(Path("/proc/self/fd").iterdir())) <= open_before + 3  # the test's own server


async def test_a_package_comes_with_what_it_needs(
    installer: Installer, registry: PackageServer
) -> None:
    registry.add("outer", {"outer.py": "import inner\n"}, requires=["inner>=2", "numpy"])
    registry.add("inner", {"inner.py": "VALUE = 1\n"}, version="1.0")
    registry.add("inner", {"inner.py": "VALUE = 2\n"}, version="2.5")
    steps: list[PackageProgress] = []
    done = await installer.install(["outer"], steps.append)
    assert done.versions == {"outer": "1.0", "inner": "2.5"}
    assert done.names == ("inner", "outer") or done.names == ("outer", "inner")
    assert {"outer.py", "inner.py"} <= brought(installer)
    assert any("outer-1.0-py3-none-any.whl" in step.text for step in steps)
    assert steps[-1].received > 0
    assert not [path for path in registry.asked if "numpy" in path and "/files/" in path]


async def test_what_is_there_is_not_fetched_again(
    installer: Installer, registry: PackageServer
) -> None:
    registry.add("first", {"first.py": ""})
    registry.add("second", {"second.py": ""}, requires=["first"])
    await installer.install(["first"])
    asked = len(registry.asked)
    assert (await installer.install(["first", "pandas"])).versions == {}
    assert len(registry.asked) == asked
    assert (await installer.install(["second"])).versions == {"second": "1.0"}
    with pytest.raises(UsageError, match=r"first 1\.0 is there already"):
        await installer.install(["first>1"])
    assert len(Environment(installer.workspace).layers()) == 2


async def test_nothing_that_the_kernel_has_is_replaced_for_a_dependency(
    installer: Installer, registry: PackageServer
) -> None:
    registry.add("numpy", {"numpy/__init__.py": MARK}, version="99.0")
    registry.add("wants", {"wants.py": ""}, requires=["numpy>=99"])
    with pytest.raises(PackageError, match="nothing was installed"):
        await installer.install(["wants"])
    assert nothing_left(installer)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [("absent", "no wheel of absent"), ("there==7", "no wheel of there==7")],
)
async def test_what_there_is_not_is_said(
    installer: Installer, registry: PackageServer, wanted: str, words: str
) -> None:
    registry.add("there", {"there.py": ""})
    with pytest.raises(PackageError, match=words):
        await installer.install([wanted])
    assert nothing_left(installer)


async def test_one_that_fails_takes_the_others_along(
    installer: Installer, registry: PackageServer
) -> None:
    registry.add("good", {"good.py": ""})
    registry.offer("bad", "bad-1.0-py3-none-any.whl", b"this is no archive")
    with pytest.raises(PackageError):
        await installer.install(["good", "bad"])
    assert nothing_left(installer)


async def test_a_source_distribution_is_not_built(
    installer: Installer, registry: PackageServer, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        setup = f"open({str(trace)!r}, 'w')\nopen('/tmp/trace', 'w')\n".encode()
        entry = tarfile.TarInfo("builds-1.0/setup.py")
        entry.size = len(setup)
        archive.addfile(entry, io.BytesIO(setup))
    registry.offer("builds", "builds-1.0.tar.gz", buffer.getvalue())
    with pytest.raises(PackageError, match="no wheel of builds"):
        await installer.install(["builds"])
    assert not trace.exists()
    assert "/files/builds-1.0.tar.gz" not in registry.asked


async def test_what_python_or_a_shell_would_run_by_itself_is_left_out(
    installer: Installer, registry: PackageServer
) -> None:
    registry.add(
        "starts",
        {
            "starts.py": "",
            "starts.pth": f"import os; os.mkdir('/tmp/{MARK}')\n",
            "starts-1.0.data/scripts/tool": "#!/bin/sh\n",
            "starts-1.0.dist-info/entry_points.txt": "[console_scripts]\nrun = starts:main\n",
        },
    )
    await installer.install(["starts"])
    found = brought(installer)
    assert "starts.py" in found
    assert not [path for path in found if path.endswith(".pth") or path.startswith("bin")]


@pytest.mark.parametrize(
    "path",
    [
        f"../{MARK}",
        f"../../../../../../../../tmp/{MARK}",
        f"/tmp/{MARK}",
        f"climbs-1.0.data/purelib/../../../../{MARK}",
        f"climbs-1.0.data/data/../../{MARK}",
        f"climbs-1.0.data/scripts/../../../{MARK}",
    ],
)
async def test_a_wheel_does_not_write_beside_its_directory(
    installer: Installer, registry: PackageServer, tmp_path: Path, path: str
) -> None:
    registry.add("climbs", {"climbs.py": "", path: "gotcha"})
    try:
        await installer.install(["climbs"])
    except PackageError:
        assert nothing_left(installer)
    layers = Environment(installer.workspace).folder
    outside = [f for f in tmp_path.rglob(f"*{MARK}*") if not f.is_relative_to(layers)]
    assert outside == []
    assert not Path(f"/tmp/{MARK}").exists()


async def test_links_in_a_wheel_lead_nowhere(installer: Installer, registry: PackageServer) -> None:
    buffer = io.BytesIO(wheel("links", {"links.py": ""}))
    with zipfile.ZipFile(buffer, "a") as archive:
        link = zipfile.ZipInfo("links_to_passwords")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    registry.offer("links", "links-1.0-py3-none-any.whl", buffer.getvalue())
    try:
        await installer.install(["links"])
    except PackageError:
        assert nothing_left(installer)
    layers = Environment(installer.workspace).layers()
    assert [p for layer in layers for p in layer.rglob("*") if p.is_symlink()] == []


@pytest.mark.parametrize("files", [1, 40])
async def test_a_wheel_that_unpacks_to_much_is_stopped(
    installer: Installer, registry: PackageServer, files: int
) -> None:
    registry.add("bomb", {f"bomb{n}.bin": bytes((200 << 20) // files) for n in range(files)})
    small = replace(installer, limits=InstallLimits(disk=16 << 20))
    started = time.monotonic()
    with pytest.raises(PackageError):
        await small.install(["bomb"])
    assert time.monotonic() - started < 30
    assert nothing_left(installer)


async def test_all_installations_together_have_a_limit(
    installer: Installer, registry: PackageServer
) -> None:
    for name in ("half", "other"):
        registry.add(name, {f"{name}.bin": os.urandom(3 << 20)})
    small = replace(installer, limits=InstallLimits(disk=5 << 20))
    await small.install(["half"])
    with pytest.raises(PackageError, match=r"more than the 5 MB"):
        await small.install(["other"])
    assert len(Environment(installer.workspace).layers()) == 1


async def test_a_download_has_a_limit(installer: Installer, registry: PackageServer) -> None:
    registry.add("large", {"large.bin": os.urandom(4 << 20)})
    small = replace(installer, limits=InstallLimits(download=1 << 20))
    with pytest.raises(PackageError, match="larger than the 1 MB that may be downloaded"):
        await small.install(["large"])
    assert nothing_left(installer)


async def test_time_has_a_limit(installer: Installer, registry: PackageServer) -> None:
    registry.stall = "/simple/slow/"
    with pytest.raises(PackageError, match="more than 2 seconds"):
        await replace(installer, limits=InstallLimits(seconds=2)).install(["slow"])
    assert nothing_left(installer)


async def test_a_cancelled_installation_leaves_nothing(
    installer: Installer, registry: PackageServer
) -> None:
    registry.stall = "/simple/slow/"
    work = asyncio.create_task(installer.install(["slow"]))
    async with asyncio.timeout(30):
        await asyncio.to_thread(registry.stalled.wait)
    started = time.monotonic()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert time.monotonic() - started < 3
    assert nothing_left(installer)


async def test_two_at_once_come_one_after_the_other(
    installer: Installer, registry: PackageServer
) -> None:
    for name in ("left", "right"):
        registry.add(name, {f"{name}.py": ""}, requires=["shared"])
    registry.add("shared", {"shared.py": ""})
    both = await asyncio.gather(installer.install(["left"]), installer.install(["right"]))
    assert sorted(len(done.versions) for done in both) == [1, 2]
    assert len(Environment(installer.workspace).layers()) == 2


async def test_what_a_killed_host_left_is_swept(
    installer: Installer, registry: PackageServer
) -> None:
    registry.add("fresh", {"fresh.py": ""})
    root = Environment(installer.workspace).folder.parents[1]
    (root / "new-abc" / "site").mkdir(parents=True)
    (root / "new-abc" / "site" / "half.py").touch()
    await installer.install(["fresh"])
    assert [p.name for p in root.iterdir()] == ["cpython-311"]


Lure = Callable[[PackageServer, PackageServer], None]


def by_link(registry: PackageServer, other: PackageServer) -> None:
    other.add("lured", {"lured.py": ""})
    registry.link("lured", f"http://127.0.0.1:{other.port}/files/lured-1.0-py3-none-any.whl")


def by_redirect(registry: PackageServer, other: PackageServer) -> None:
    by_link(registry, other)
    registry.links["lured"] = ["/files/lured-1.0-py3-none-any.whl"]
    target = f"http://127.0.0.1:{other.port}/files/lured-1.0-py3-none-any.whl"
    registry.redirects["/files/lured-1.0-py3-none-any.whl"] = target


def by_redirected_index(registry: PackageServer, other: PackageServer) -> None:
    other.add("lured", {"lured.py": ""})
    registry.redirects["/simple/lured/"] = f"{other.index}/lured/"


@pytest.mark.parametrize("lure", [by_link, by_redirect, by_redirected_index])
async def test_no_other_host_is_asked(
    installer: Installer, registry: PackageServer, lure: Lure
) -> None:
    with PackageServer() as other:
        lure(registry, other)
        with pytest.raises(RefusedError, match=rf"127\.0\.0\.1:{other.port} is not an allowed"):
            await installer.install(["lured"])
        assert other.asked == []
    assert nothing_left(installer)


async def test_an_index_of_dependencies_in_a_wheel_is_not_followed(
    installer: Installer, registry: PackageServer
) -> None:
    with PackageServer() as other:
        other.add("hidden", {"hidden.py": ""})
        direct = f"hidden @ http://127.0.0.1:{other.port}/files/hidden-1.0-py3-none-any.whl"
        registry.add("leads", {"leads.py": ""}, requires=[direct])
        with pytest.raises(AgentError):
            await installer.install(["leads"])
        assert other.asked == []


async def test_the_environment_and_files_of_the_person_do_not_steer_pip(
    installer: Installer, registry: PackageServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    registry.add("plain", {"plain.py": "GOOD = 1"})
    config = tmp_path / "pip.conf"
    with PackageServer() as other:
        other.add("plain", {"plain.py": MARK}, version="9.0")
        config.write_text(f"[global]\nextra-index-url = {other.index}\n")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
        monkeypatch.setenv("PIP_INDEX_URL", other.index)
        monkeypatch.setenv("PIP_TARGET", str(tmp_path / "elsewhere"))
        monkeypatch.setenv("PIP_NO_BINARY", ":all:")
        assert (await installer.install(["plain"])).versions == {"plain": "1.0"}
        assert other.asked == []


async def test_a_registry_that_is_out_of_reach_is_named(protected: Path) -> None:
    with PackageServer() as server:
        gone = server.index
    installer = Installer(workspace=protected, registries=Registries.of([gone]))
    with pytest.raises(PackageError, match=r"no route to 127\.0\.0\.1 \(Connection refused\)"):
        await installer.install(["anything"])


async def test_a_name_that_nobody_knows_is_no_route(protected: Path) -> None:
    registries = Registries.of(["https://registry.invalid/simple"])
    with pytest.raises(PackageError, match=r"no route to registry\.invalid"):
        await Installer(workspace=protected, registries=registries).install(["anything"])


async def test_without_a_registry_nothing_is_installed(protected: Path) -> None:
    with pytest.raises(RefusedError, match="no registry is allowed"):
        await Installer(workspace=protected, registries=Registries.of([])).install(["anything"])


async def test_credentials_reach_their_registry_and_nobody_else(
    protected: Path, registry: PackageServer
) -> None:
    registry.add("closed", {"closed.py": ""})
    registry.offer("broken", "broken-1.0-py3-none-any.whl", b"no archive")
    address = registry.index.replace("http://", "http://me:t0psecret@")
    installer = Installer(workspace=protected, registries=Registries.of([address]))
    told: list[PackageProgress] = []
    await installer.install(["closed"], told.append)
    assert any(registry.authorizations)
    with pytest.raises(PackageError) as caught:
        await installer.install(["broken"], told.append)
    assert "t0psecret" not in f"{told} {caught.value!r} {caught.value.__cause__!r}"
    kept = [p for layer in Environment(protected).layers() for p in layer.rglob("*") if p.is_file()]
    assert [p for p in kept if b"t0psecret" in p.read_bytes()] == []


@pytest.mark.parametrize("place", ["environments", "environments/cpython-311/site-packages"])
def test_links_in_the_way_of_packages_are_refused(tmp_path: Path, place: str) -> None:
    from sessions import workspace as workspaces

    folder = tmp_path / "hostile"
    way = folder / ".agent" / place
    way.parent.mkdir(parents=True)
    way.symlink_to(tmp_path)
    with pytest.raises(UsageError, match="is a symbolic link"), workspaces.protected(folder):
        pass
    assert {p.name for p in tmp_path.iterdir()} == {"hostile"}
