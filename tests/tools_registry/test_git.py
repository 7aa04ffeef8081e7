"""Git on a hostile repository: a planted program must not run, whatever names it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sessions.errors import AgentError, RefusedError, UsageError
from tools_registry import git_process
from tools_registry.git import Git
from tools_registry.git_repository import find_repository
from tools_registry.git_room import open_room

GIT = shutil.which("git")
pytestmark = pytest.mark.skipif(GIT is None, reason="git is not installed")


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user with a name and nothing else, whatever this machine has configured."""
    config = tmp_path / "user.gitconfig"
    config.write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def plain(folder: Path, *args: str) -> str:
    """Git as anybody would run it."""
    done = subprocess.run(
        [str(GIT), *args],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    plain(folder, "init", "-q", "-b", "main")
    (folder / "a.txt").write_text("one\n")
    plain(folder, "add", "-A")
    plain(folder, "commit", "-qm", "first")
    return folder


class Trap:
    """A program that leaves a file behind when it runs."""

    def __init__(self, folder: Path) -> None:
        self.sprung_file = folder / "sprung"
        self.program = folder / "trap.sh"
        self.program.write_text(f"#!/bin/sh\ntouch {self.sprung_file}\n")
        self.program.chmod(0o755)

    @property
    def sprung(self) -> bool:
        return self.sprung_file.exists()

    def reset(self) -> None:
        self.sprung_file.unlink(missing_ok=True)


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path)


def change(folder: Path) -> None:
    for name, text in ("a.txt", "two\n"), ("b.txt", "new\n"):
        with (folder / name).open("a") as file:
            file.write(text)


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


def test_head_add_commit_and_log_work(repository: Path) -> None:
    git = Git(repository)
    first = git.head()
    change(repository)

    assert git.run("status", "--porcelain").split("\n")[:2] == [" M a.txt", "?? b.txt"]
    git.run("add", "--", "b.txt")
    git.run("commit", "-q", "-m", "second", "--", "b.txt")

    assert git.head() != first
    assert plain(repository, "log", "-1", "--format=%an %ae %s") == "Ada ada@example.org second\n"
    assert "two" in git.run("diff")
    assert plain(repository, "status", "--porcelain") == " M a.txt\n"
    assert plain(repository, "fsck") == ""


def test_it_works_below_the_top_folder(repository: Path) -> None:
    below = repository / "below"
    below.mkdir()
    (below / "c.txt").write_text("c\n")

    Git(below).run("add", "--", "c.txt")

    assert "below/c.txt" in plain(repository, "ls-files")


def test_the_name_in_the_repository_comes_first(repository: Path) -> None:
    plain(repository, "config", "user.name", 'Grace "Amazing" \\ Hopper')
    change(repository)
    Git(repository).run("add", "-A")
    Git(repository).run("commit", "-m", "named")

    assert plain(repository, "log", "-1", "--format=%an").strip() == 'Grace "Amazing" \\ Hopper'


def test_a_worktree_elsewhere_is_ignored(repository: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret.txt").write_text("secret")
    plain(repository, "config", "core.worktree", str(elsewhere))

    assert "secret" not in Git(repository).run("status", "--porcelain")


def test_a_file_that_claims_another_repository_is_not_believed(
    repository: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "claims"
    folder.mkdir()
    (folder / ".git").write_text(f"gitdir: {repository / '.git'}\n")

    assert not Git(folder).is_repository()
    with pytest.raises(UsageError, match="in no git repository"):
        Git(folder).run("log")


@pytest.mark.parametrize("part", ["index", "objects", "refs"])
def test_a_part_that_is_a_link_is_refused(repository: Path, tmp_path: Path, part: str) -> None:
    real = repository / ".git" / part
    real.rename(tmp_path / part)
    real.symlink_to(tmp_path / part)

    assert not Git(repository).is_repository()


def test_a_fifo_as_configuration_does_not_hang(repository: Path) -> None:
    (repository / ".git/config").unlink()
    os.mkfifo(repository / ".git/config")

    with pytest.raises(RefusedError, match="can't be read"):
        Git(repository).run("status")
    assert Git(repository).head() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_is_not_used(repository: Path) -> None:
    os.chown(repository / ".git", 65534, 65534)

    assert Git(repository).head() is None


def test_no_commit_in_the_middle_of_a_merge_or_off_a_branch(repository: Path) -> None:
    git = Git(repository)
    (repository / ".git/MERGE_HEAD").write_text(f"{git.head()}\n")
    with pytest.raises(RefusedError, match="unfinished MERGE_HEAD"):
        git.run("commit", "--allow-empty", "-m", "x")

    (repository / ".git/MERGE_HEAD").unlink()
    plain(repository, "checkout", "-q", "--detach")
    with pytest.raises(RefusedError, match="on no branch"):
        git.run("commit", "--allow-empty", "-m", "x")


def test_the_room_lies_outside_the_repository(
    repository: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = repository / "tmp"
    inside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(inside))
    found = find_repository(repository)
    assert found

    with open_room(str(GIT), found) as room:
        assert not Path(room.environment["GIT_DIR"]).is_relative_to(repository)
    assert not Path(room.environment["GIT_DIR"]).exists()
    assert not list(inside.iterdir())


def test_output_without_end_is_cut_off(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_process, "MAX_OUTPUT", 1 << 20)
    (repository / "zeros").write_bytes(bytes(2 << 20))
    plain(repository, "add", "-A")

    with pytest.raises(AgentError, match="printed more than 1 MB"):
        Git(repository).run("show", ":zeros")


def test_settings_of_the_repository_can_not_break_out_of_their_line(repository: Path) -> None:
    sly = 'x"\n[core]\n\tfsmonitor = "false'
    plain(repository, "config", "user.name", sly)
    plain(repository, "config", "user.email", 'a\\"b # c ; d')
    found = find_repository(repository)
    assert found

    with open_room(str(GIT), found) as room:
        listing = plain(
            repository, "config", "--file", f"{room.environment['GIT_DIR']}/config", "-l"
        )
    assert "user.name=Ada" in listing
    assert 'user.email=a\\"b # c ; d' in listing
    assert listing.count("core.fsmonitor") == 1


def test_an_unknown_command_is_refused(repository: Path) -> None:
    with pytest.raises(RefusedError, match="git fetch is not among"):
        Git(repository).run("fetch")


def test_a_file_that_git_waits_for_is_given_up(repository: Path) -> None:
    os.mkfifo(repository / ".gitignore")

    with pytest.raises(AgentError, match=r"took longer than 0\.3 s"):
        Git(repository).run("status", timeout=0.3)
