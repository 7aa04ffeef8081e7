"""Libraries shared through folders and git servers."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from sessions.errors import AgentError, RefusedError, UsageError
from tests.support.git import Trap, plain
from tests.tools_registry.review.conftest import Save, draft, refs
from tools_registry.git import transport
from tools_registry.git.remote import Remote, choose_remote, parse_remote
from tools_registry.review.approving import approve
from tools_registry.review.desk import Desk
from tools_registry.review.keeper import Keeper
from tools_registry.review.rejecting import reject
from tools_registry.review.secrets import find_secret
from tools_registry.review.sharing import Pulled, candidates_of, pull, push
from tools_registry.skills.ledger import Ledger

FILE = "learned_skills/double.py"
SSH = """#!/bin/sh
for last; do :; done
PATH=/usr/bin:/bin exec sh -c "$last"
"""
"""A server on this machine: what git would run there is run here."""


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program that git reaches servers by."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(SSH)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return program


@pytest.fixture(params=["folder", "server"])
def remote(request: pytest.FixtureRequest, hub: Path, ssh: Path) -> Remote:
    return parse_remote(str(hub) if request.param == "folder" else f"ssh://there{hub}")


def outcomes(desk: Desk, *remotes: Remote, take: tuple[str, ...] = ()) -> dict[str, str]:
    found = list(pull(desk, remotes, take))
    assert [item for item in found if isinstance(item, str)] == []
    return {item.candidate.name: item.outcome for item in found if isinstance(item, Pulled)}


def test_what_is_approved_travels_and_arrives_untested(
    save: Save, desk: Desk, other: Desk, remote: Remote, hub: Path
) -> None:
    save()
    save("triple", 3)
    approve(desk, "double")
    done = push(desk, remote)

    assert [skill.name for skill in done.skills] == ["double"]
    assert list(refs(hub)) == ["refs/heads/agent/shared"]
    assert push(desk, remote).skills == ()
    assert outcomes(other, remote) == {"double": "new"}
    there = other.library.get("double")
    assert (there.status, there.recorded) == ("stale", "provisional")
    assert "not tested on this machine" in there.reason
    message = plain(other.library.workspace, "log", "-1", "--format=%B", "agent/skills/double")
    assert f"Shared by {remote.text} at {done.commit}" in message
    with pytest.raises(RefusedError, match="not tested"):
        approve(other, "double")
    assert outcomes(other, remote) == {"double": "same"}


def test_pushing_again_adds_to_what_is_there(
    save: Save, desk: Desk, remote: Remote, hub: Path
) -> None:
    save()
    approve(desk, "double")
    first = push(desk, remote).commit
    save(factor=3)
    approve(desk, "double")
    second = push(desk, remote).commit
    assert plain(hub, "log", "-1", "--format=%P", second).strip() == first
    assert "3 * n" in plain(hub, "show", f"agent/shared:{FILE}")


def test_a_library_with_a_history_keeps_it(
    save: Save, desk: Desk, other: Desk, remote: Remote, hub: Path
) -> None:
    plain(other.library.workspace, "push", "-q", str(hub), "main")
    save()
    approve(desk, "double")
    push(desk, remote)
    assert plain(hub, "log", "--format=%s", "agent/shared") == "Share skill double\ntheirs\n"
    assert plain(hub, "log", "--format=%s", "main") == "theirs\n"
    assert "b.txt" in plain(hub, "ls-tree", "--name-only", "agent/shared").split()


def test_nothing_is_forced(
    save: Save, desk: Desk, remote: Remote, hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save()
    approve(desk, "double")
    first = push(desk, remote).commit
    save("triple", 3)
    approve(desk, "triple")
    newer = plain(hub, "commit-tree", "-m", "newer", "-p", first, f"{first}^{{tree}}").strip()
    real = "tools_registry.review.sharing._message"

    def meanwhile(skills: object) -> str:
        plain(hub, "update-ref", "refs/heads/agent/shared", newer)
        return "Share skill triple\n"

    monkeypatch.setattr(real, meanwhile)
    with pytest.raises(AgentError):
        push(desk, remote)
    assert plain(hub, "rev-parse", "agent/shared").strip() == newer


def test_two_versions_wait_for_the_person(
    save: Save, desk: Desk, other: Desk, remote: Remote
) -> None:
    save()
    approve(desk, "double")
    push(desk, remote)
    Keeper(other.library.workspace, ledger=other.library.ledger).save(draft(factor=5))
    before = other.files.read("double")
    assert outcomes(other, remote) == {"double": "differs"}
    assert other.files.read("double") == before

    both = candidates_of(other, remote, "double")
    assert ("5 * n" in both.old.source, "2 * n" in both.new.source) == (True, True)
    assert both.old.evidence[0].signal == both.new.evidence[0].signal == "tests"
    assert "--take double" in both.note

    assert outcomes(other, remote, take=("double",)) == {"double": "taken"}
    assert "2 * n" in other.library.get("double").source
    log = plain(other.library.workspace, "log", "--format=%s", "agent/skills/double")
    assert log.splitlines()[:2] == [
        "Change skill double: A number times 2.",
        "Add skill double: A number times 5.",
    ]


def test_edits_by_hand_do_not_give_way(save: Save, desk: Desk, other: Desk, hub: Path) -> None:
    save()
    approve(desk, "double")
    push(desk, parse_remote(str(hub)))
    Keeper(other.library.workspace, ledger=other.library.ledger).save(draft(factor=5))
    file = other.library.workspace / FILE
    file.write_text(file.read_text().replace("5 * n", "7 * n"))
    assert outcomes(other, parse_remote(str(hub)), take=("double",)) == {"double": "failed"}
    assert "7 * n" in file.read_text()


def test_what_was_rejected_here_does_not_come_back(
    save: Save, desk: Desk, other: Desk, remote: Remote
) -> None:
    save()
    approve(desk, "double")
    push(desk, remote)
    outcomes(other, remote)
    reject(other, "double", "not ours")
    (found,) = pull(other, [remote])
    assert isinstance(found, Pulled)
    assert (found.outcome, found.note) == ("rejected", "not ours")
    assert not (other.library.workspace / FILE).exists()


def test_of_several_libraries_the_first_counts(
    repository: Path, ledger: Ledger, other: Desk, tmp_path: Path
) -> None:
    remotes = []
    for factor in 2, 3:
        folder = tmp_path / f"lib{factor}"
        folder.mkdir()
        Keeper(folder, ledger=ledger).save(draft(factor=factor))
        Keeper(folder, ledger=ledger).save(draft(f"only{factor}", factor))
        remotes.append(parse_remote(str(folder)))
    found = {p.candidate.name: p for p in pull(other, remotes) if isinstance(p, Pulled)}
    assert sorted(found) == ["double", "only2", "only3"]
    assert "2 * n" in other.library.get("double").source
    assert "another version in" in found["double"].note


def test_one_library_that_fails_does_not_stop_the_others(
    other: Desk, tmp_path: Path, ledger: Ledger, ssh: Path
) -> None:
    (tmp_path / "lib").mkdir()
    Keeper(tmp_path / "lib", ledger=ledger).save(draft())
    gone, there = parse_remote(f"ssh://there{tmp_path}/gone"), parse_remote(str(tmp_path / "lib"))
    found = list(pull(other, [gone, there]))
    assert isinstance(found[0], str)
    assert "can't be used" in found[0]
    assert isinstance(found[1], Pulled)


def test_a_library_is_data(other: Desk, tmp_path: Path, trap: Trap, hub: Path) -> None:
    """Hooks, filters and settings of theirs don't run; what is no skill is skipped by name."""
    lib = tmp_path / "lib"
    plain(tmp_path, "init", "-q", "-b", "main", "lib")
    skills = lib / "learned_skills"
    skills.mkdir()
    good = draft()
    tests = good.tests
    files = {
        "double.py": good.source + f"\nimport os\nos.system('{trap.program}')\n",
        "test_double.py": tests,
        "broken.py": "def broken(:\n",
        "json.py": "def json():\n    pass\n",
        "alone.py": "def alone() -> int:\n    return 1\n",
        "huge.py": "def huge() -> int:\n    return 1\n" + "#" * 300_000,
        "test_huge.py": tests,
    }
    for name, text in files.items():
        (skills / name).write_text(text)
    (skills / "link.py").symlink_to("/etc/passwd")
    plain(lib, "add", "-A")
    plain(lib, "commit", "-qm", "theirs")
    for key in ("core.fsmonitor", "uploadpack.packObjectsHook", "filter.x.smudge", "diff.external"):
        plain(lib, "config", key, str(trap.program))
    (lib / ".git/info/attributes").write_text("* filter=x\n")
    trap.reset()
    found = list(pull(other, [parse_remote(str(lib))]))
    assert {p.candidate.name for p in found if isinstance(p, Pulled)} == {"double"}
    skipped = " ".join(item for item in found if isinstance(item, str))
    assert all(name in skipped for name in ("broken", "json", "alone", "huge"))
    assert not trap.sprung
    assert sorted(p.name for p in other.library.path.iterdir()) == ["double.py", "test_double.py"]


def test_hooks_of_a_folder_do_not_run_when_it_is_pushed_to(
    save: Save, desk: Desk, hub: Path, trap: Trap
) -> None:
    save()
    approve(desk, "double")
    for hook in ("pre-receive", "update", "post-receive", "post-update", "reference-transaction"):
        (hub / "hooks").mkdir(exist_ok=True)
        (hub / "hooks" / hook).write_text(trap.program.read_text())
        (hub / "hooks" / hook).chmod(0o755)
    push(desk, parse_remote(str(hub)))
    assert not trap.sprung


@pytest.mark.parametrize(
    "line",
    [
        "KEY = 'AKIA" + "A" * 16 + "'",
        "-----BEGIN RSA PRIVATE KEY-----",
        "password = 'correct-horse'",
        "# https://me:hunter22@host/x",
        "t = 'ghp_" + "a1" * 18 + "'",
    ],
)
def test_a_secret_stays_at_home(repository: Path, ledger: Ledger, hub: Path, line: str) -> None:
    import dataclasses

    assert find_secret(f"x = 1\n{line}\n").startswith("line 2: ")
    secret = dataclasses.replace(draft(), source=f"{draft().source}\n\n# {line}\n")
    Keeper(repository, ledger=ledger).save(secret)
    desk = Desk.of(repository, "branch", ledger)
    approve(desk, "double")
    with pytest.raises(UsageError, match="may hold a secret"):
        push(desk, parse_remote(str(hub)))
    assert refs(hub) == {}


def test_ordinary_code_holds_no_secret() -> None:
    assert (
        find_secret("tokens = text.split()\npassword: str = ''\nkey = lambda x: x.secret\n") == ""
    )


@pytest.mark.parametrize(
    "text",
    [
        "ext::sh -c touch% x",
        "fd::17",
        "git://host/x",
        "http://host/x",
        "ftp://host/x",
        "https://me:secret@host/x",
        "ssh://-oProxyCommand=x/y",
        "-oProxyCommand=x:y",
        "me@-host:x",
        "host:-x",
        "--upload-pack=x",
        "file:///nonexistent",
        "/nonexistent",
        "https://host/a b",
        "",
    ],
)
def test_other_transports_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_remote(text)


def test_a_library_of_the_settings_goes_by_its_label(tmp_path: Path) -> None:
    known = ("https://git.example/team/skills.git", "git@git.example:me/tools")
    assert choose_remote("skills", known).url == known[0]
    assert choose_remote("tools", known).url == known[1]
    with pytest.raises(UsageError, match="name one of them in full"):
        choose_remote("skills", (*known, "https://git.example/other/skills"))


def test_a_server_that_says_nothing_is_given_up(
    other: Desk, ssh: Path, hub: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    remote = parse_remote(f"ssh://there{hub}")
    assert list(pull(other, [remote])) == []
    ssh.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec /bin/sleep 600\n")
    monkeypatch.setattr(transport, "_SECONDS", 4.0)
    (said,) = pull(other, [remote])
    assert isinstance(said, str)
    assert "took longer than 4 s" in said
    pid = (tmp_path / "pid").read_text() if (tmp_path / "pid").exists() else "0"
    assert pid == "0" or gone(int(pid))


def gone(pid: int) -> bool:
    """Whether a process ends: is no more, or dead and not yet buried by who adopted it."""
    for _ in range(600):
        try:
            if ") Z" in Path(f"/proc/{pid}/stat").read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def test_a_server_that_sends_too_much_is_given_up(
    other: Desk, ssh: Path, hub: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain(tmp_path, "init", "-q", "-b", "main", "large")
    (tmp_path / "large" / "x").write_bytes(os.urandom(3 << 20))
    plain(tmp_path / "large", "add", "-A")
    plain(tmp_path / "large", "commit", "-qm", "x")
    monkeypatch.setattr(transport, "_LARGEST", 1 << 20)
    (said,) = pull(other, [parse_remote(f"ssh://there{tmp_path}/large")])
    assert isinstance(said, str)
    assert "can't be used" in said


def test_a_server_gives_the_terminal_no_orders(other: Desk, ssh: Path) -> None:
    ssh.write_text("#!/bin/sh\nprintf '\\033[2Jgone\\n' >&2\nexit 1\n")
    (said,) = pull(other, [parse_remote("ssh://there/x")])
    assert isinstance(said, str)
    assert "?[2Jgone" in said


def test_a_store_that_was_not_finished_or_is_too_full_is_made_anew(
    save: Save, desk: Desk, other: Desk, hub: Path, ssh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save()
    approve(desk, "double")
    remote = parse_remote(f"ssh://there{hub}")
    push(desk, remote)
    store = transport.Store.of(remote, Path("/nonexistent"))
    shutil.rmtree(store.folder / "objects")
    assert outcomes(other, remote) == {"double": "new"}
    (full := store.folder / "objects" / "pack" / "full").write_bytes(bytes(100_000))
    monkeypatch.setattr(transport, "_LARGEST", 20_000)
    assert outcomes(other, remote) == {"double": "same"}
    assert not full.exists()


def test_a_server_gets_no_setting_of_the_workspace(
    other: Desk, ssh: Path, hub: Path, trap: Trap
) -> None:
    for key in ("core.sshCommand", "credential.helper", "url.ext::sh.insteadOf"):
        plain(other.library.workspace, "config", key, str(trap.program))
    assert list(pull(other, [parse_remote(f"ssh://there{hub}")])) == []
    assert not trap.sprung
