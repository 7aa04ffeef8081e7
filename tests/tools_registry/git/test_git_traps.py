"""Git on a hostile repository: a planted program must not run, whatever names it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sessions.errors import AgentError
from tests.support.git import GIT, Trap, change, plain
from tools_registry.git.git import Git

pytestmark = [
    pytest.mark.skipif(GIT is None, reason="git is not installed"),
    pytest.mark.usefixtures("git_user"),
]


def everything(folder: Path) -> None:
    """All that the host does with a repository; failing is allowed, running a trap is not."""
    git = Git(folder)
    calls = [
        ("status", "--porcelain"),
        ("diff",),
        ("diff", "--stat"),
        ("add", "-A"),
        ("diff", "--cached"),
        ("commit", "-m", "second"),
        ("log", "-p", "--format=%H %G? %s"),
        ("show", "--show-signature", "HEAD"),
        ("ls-files", "-s"),
        ("rev-parse", "HEAD"),
        ("cat-file", "--textconv", "HEAD:a.txt"),
        ("cat-file", "--filters", "HEAD:a.txt"),
        ("rm", "-q", "--cached", "--", "b.txt"),
        ("add", "-u"),
        ("fetch", "origin"),
        ("pull", "origin", "main"),
        ("push", "origin", "main"),
        ("ls-remote", "origin"),
        ("submodule", "update", "--init"),
        ("evil",),
    ]
    for args in calls:
        try:
            git.run(*args, timeout=20)
        except AgentError:
            continue


def everything_plainly(folder: Path) -> None:
    """The control: ordinary git, which falls into every trap here."""
    for args in [
        ("status",),
        ("diff",),
        ("add", "-A"),
        ("diff", "--cached"),
        ("commit", "-m", "second"),
        ("log", "-p", "--show-signature"),
        ("cat-file", "--textconv", "HEAD:a.txt"),
        ("fetch", "origin"),
        ("merge", "other"),
        ("evil",),
    ]:
        plain(folder, *args)


def config(*settings: tuple[str, str], attributes: str = "") -> Callable[[Path, Trap], None]:
    """Plant settings; `TRAP` stands for the program."""

    def plant(folder: Path, trap: Trap) -> None:
        for key, value in settings:
            plain(folder, "config", key, value.replace("TRAP", str(trap.program)))
        if attributes:
            (folder / ".gitattributes").write_text(attributes)

    return plant


def hooks(folder: Path, trap: Trap) -> None:
    for name in ["pre-commit", "commit-msg", "post-commit", "post-index-change", "pre-push"]:
        hook = folder / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        shutil.copy(trap.program, hook)


def included(folder: Path, trap: Trap) -> None:
    (folder / "more").write_text(f"[core]\n\tfsmonitor = {trap.program}\n")
    plain(folder, "config", "include.path", "../more")


def worktree_config(folder: Path, trap: Trap) -> None:
    plain(folder, "config", "extensions.worktreeConfig", "true")
    plain(folder, "config", "--worktree", "core.fsmonitor", str(trap.program))


def info_attributes(folder: Path, trap: Trap) -> None:
    plain(folder, "config", "filter.x.clean", str(trap.program))
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/attributes").write_text("* filter=x\n")


def submodule(folder: Path, trap: Trap) -> None:
    inner = folder / "inner"
    inner.mkdir()
    plain(inner, "init", "-q", "-b", "main")
    (inner / "file").write_text("x\n")
    plain(inner, "add", "-A")
    plain(inner, "commit", "-qm", "inner")
    plain(folder, "add", "inner")
    modules = '[submodule "inner"]\n\tpath = inner\n\turl = ./inner\n\tignore = none\n'
    (folder / ".gitmodules").write_text(modules)
    plain(folder, "commit", "-qam", "with submodule")
    plain(inner, "config", "core.fsmonitor", str(trap.program))
    (inner / "file").write_text("changed\n")


def merge_driver(folder: Path, trap: Trap) -> None:
    plain(folder, "config", "merge.x.driver", f"{trap.program} %O %A %B")
    (folder / ".gitattributes").write_text("* merge=x\n")
    plain(folder, "add", "-A")
    plain(folder, "commit", "-qm", "attributes")
    plain(folder, "checkout", "-qb", "other")
    (folder / "a.txt").write_text("theirs\n")
    plain(folder, "commit", "-qam", "theirs")
    plain(folder, "checkout", "-q", "main")


def hooks_path(folder: Path, trap: Trap) -> None:
    hooks(folder, trap)
    (folder / ".git/hooks").rename(folder / "elsewhere")
    plain(folder, "config", "core.hooksPath", "elsewhere")


PLANTS: dict[str, Callable[[Path, Trap], None]] = {
    "hooks": hooks,
    "hooks path": hooks_path,
    "fsmonitor": config(("core.fsmonitor", "TRAP")),
    "included": included,
    "worktree config": worktree_config,
    "clean filter": config(("filter.x.clean", "TRAP"), attributes="* filter=x\n"),
    "required filter": config(
        ("filter.x.clean", "TRAP"), ("filter.x.required", "true"), attributes="* filter=x\n"
    ),
    "filter process": config(("filter.x.process", "TRAP"), attributes="* filter=x\n"),
    "attributes of the repository": info_attributes,
    "text converter": config(("diff.x.textconv", "TRAP"), attributes="* diff=x\n"),
    "diff command": config(("diff.x.command", "TRAP"), attributes="* diff=x\n"),
    "external diff": config(("diff.external", "TRAP")),
    "merge driver": merge_driver,
    "signing": config(("commit.gpgSign", "true"), ("gpg.program", "TRAP")),
    "ssh signing": config(
        ("commit.gpgSign", "true"), ("gpg.format", "ssh"), ("gpg.ssh.defaultKeyCommand", "TRAP")
    ),
    "ssh command": config(
        ("core.sshCommand", "TRAP"), ("remote.origin.url", "ssh://127.0.0.1:1/x")
    ),
    "git proxy": config(("core.gitProxy", "TRAP"), ("remote.origin.url", "git://127.0.0.1:1/x")),
    "ext transport": config(("protocol.ext.allow", "always"), ("remote.origin.url", "ext::TRAP")),
    "upload pack": config(("remote.origin.url", "."), ("remote.origin.uploadpack", "TRAP")),
    "alternate refs": config(
        ("core.alternateRefsCommand", "TRAP"), ("remote.origin.url", "."), ("alias.evil", "!TRAP")
    ),
    "alias": config(("alias.evil", "!TRAP")),
    "submodule": submodule,
}


@pytest.mark.parametrize("name", PLANTS)
def test_nothing_planted_runs(name: str, repository: Path, trap: Trap) -> None:
    PLANTS[name](repository, trap)
    change(repository)
    trap.reset()

    everything(repository)

    assert not trap.sprung
    change(repository)
    everything_plainly(repository)
    assert trap.sprung, "the control must fall into the trap, or it tests nothing"


def test_a_pager_and_an_editor_do_not_run(repository: Path, trap: Trap) -> None:
    for key in ["core.pager", "pager.log", "core.editor", "sequence.editor", "core.askPass"]:
        plain(repository, "config", key, str(trap.program))
    change(repository)
    git = Git(repository)
    git.run("add", "-A")

    with pytest.raises(AgentError, match="git failed"):
        git.run("commit")
    everything(repository)

    assert not trap.sprung


def test_a_linked_worktree_is_as_safe(repository: Path, tmp_path: Path, trap: Trap) -> None:
    tree = tmp_path / "tree"
    plain(repository, "worktree", "add", "-q", "-b", "side", str(tree))
    plain(repository, "config", "core.fsmonitor", str(trap.program))
    plain(repository, "config", "core.hooksPath", str(tmp_path / "h"))
    trap.reset()
    change(tree)

    git = Git(tree)
    git.run("add", "-A")
    git.run("commit", "-m", "from the side")

    assert not trap.sprung
    assert plain(repository, "log", "-1", "--format=%s", "side").strip() == "from the side"


def test_a_repository_that_appears_later_is_as_safe(tmp_path: Path, trap: Trap) -> None:
    folder = tmp_path / "later"
    folder.mkdir()
    git = Git(folder)
    assert not git.is_repository()
    assert git.head() is None

    plain(folder, "init", "-q", "-b", "main")
    plain(folder, "config", "core.fsmonitor", str(trap.program))
    (folder / "a.txt").write_text("x")
    git.run("add", "-A")
    git.run("commit", "-m", "first")

    assert git.head()
    assert not trap.sprung


def test_a_program_called_git_in_the_workspace_is_not_run(
    repository: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(trap.program, repository / "git")
    monkeypatch.setenv("PATH", f"{repository}:.:{os.environ['PATH']}")
    monkeypatch.chdir(repository)

    assert Git(repository).head()
    assert not trap.sprung
