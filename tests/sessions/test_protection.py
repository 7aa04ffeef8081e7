"""What in a workspace no cell may change, and what of a workspace the host never runs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.errors import UsageError

Wrap = Callable[[str], str]


@pytest.mark.parametrize("existing", [True, False], ids=["existing", "missing"])
async def test_protected_names_cannot_be_written(
    workspace: Path, unguarded: Wrap, existing: bool
) -> None:
    if existing:
        (workspace / ".git" / "hooks").mkdir(parents=True)
        (workspace / ".agent").mkdir()
        (workspace / ".agent" / "private").write_text("private")
        (workspace / "learned_skills").mkdir()
        (workspace / "learned_skills" / "known.py").write_text("answer = 42")
        (workspace / "agent.toml").write_text("tier = 'quick'\n")
    code = textwrap.dedent(
        """
        import os, shutil
        def attempt(action, *arguments):
            try: action(*arguments)
            except OSError: pass
        def write(path):
            os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
            open(path, 'a').write('planted')
        for path in ('.git/hooks/pre-commit', '.agent/lock', '.agent/x', 'learned_skills/evil.py',
                     'agent.toml', '.git/config'):
            attempt(write, path)
        for name in ('.git', '.agent', 'learned_skills', 'agent.toml'):
            attempt(os.rename, name, 'moved_' + name.strip('.'))
            attempt(os.remove, name)
            attempt(shutil.rmtree, name)
            attempt(os.rmdir, name)
            attempt(os.symlink, '/tmp', name)
        """
    )
    async with Session(workspace, Limits.quick()) as session:
        await session.execute(unguarded(code))
        seen = await session.execute("import os; os.listdir('.git') + os.listdir('.agent')")
        assert seen.value == []
        if existing:
            assert (await session.execute("open('learned_skills/known.py').read()")).ok
    files = {path for path in workspace.rglob("*") if path.is_file()}
    assert not any("planted" in file.read_text() for file in files)
    if existing:
        assert (workspace / ".git" / "hooks").is_dir()
        assert (workspace / ".agent" / "private").read_text() == "private"
    else:
        assert list(workspace.iterdir()) == []


async def test_two_sessions_share_a_workspace_and_neither_uncovers_the_other(
    workspace: Path, unguarded: Wrap
) -> None:
    plant = unguarded("import os; os.makedirs('.git/hooks'); open('.git/hooks/x', 'w')")
    async with Session(workspace, Limits.quick()) as lasting:
        async with Session(workspace, Limits.quick()) as brief:
            await brief.execute(plant)
        await lasting.execute(plant)
        assert not (workspace / ".git" / "hooks").exists()
    assert list(workspace.iterdir()) == []


@pytest.mark.parametrize("name", [".git", ".agent", "learned_skills", "agent.toml"])
def test_protected_names_that_are_links_are_refused(
    workspace: Path, tmp_path: Path, name: str
) -> None:
    (workspace / name).symlink_to(tmp_path)
    with pytest.raises(UsageError, match="symbolic link"):
        Session(workspace).begin()


async def test_the_host_runs_nothing_of_the_workspace(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted are modules that would be imported first, were the workspace on the host's path."""
    names = ("sitecustomize", "usercustomize", "sessions", "ipykernel", "zmq", "json", "conftest")
    plant = "import os; os.makedirs('/var/tmp', exist_ok=True); open({!r}, 'w').write('ran')"
    traces = []
    for name in names:
        trace = workspace.parent / f"trace_{name}"
        traces.append(trace)
        (workspace / f"{name}.py").write_text(plant.format(str(trace)))
    (workspace / "planted.pth").write_text(f"import os; open({str(traces[0])!r}, 'w')")
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("PYTHONPATH", str(workspace))
    async with Session(workspace, Limits.quick()) as session:
        assert (await session.execute("1 + 1")).value == 2
    assert not any(trace.exists() for trace in traces)
