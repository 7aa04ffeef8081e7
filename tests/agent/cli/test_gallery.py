"""Pictures of cells as files: what is kept, and what must not be."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from agent.cli import gallery
from agent.cli.gallery import Gallery

PICTURE = {"image/png": base64.b64encode(b"picture").decode()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".agent" / "outputs" / "session"


@pytest.fixture
def kept(tmp_path: Path, folder: Path) -> Gallery:
    return Gallery(tmp_path, folder)


def test_pictures_are_kept_one_by_one(tmp_path: Path, kept: Gallery) -> None:
    names = [kept.keep(0, PICTURE), kept.keep(2, {"image/svg+xml": "<svg/>"})]
    where = ".agent/outputs/session"
    assert names == [f"{where}/cell-0-1.png", f"{where}/cell-2-2.svg"]
    assert [(tmp_path / str(name)).read_bytes() for name in names] == [b"picture", b"<svg/>"]
    assert (tmp_path / str(names[0])).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "data", [{"text/plain": "x"}, {"image/png": "%%%A"}, {"image/png": 3}, {"image/tiff": "AAAA"}]
)
def test_what_is_no_picture_is_not_kept(
    kept: Gallery, folder: Path, data: dict[str, object]
) -> None:
    assert kept.keep(0, data) is None
    assert not folder.exists()


@pytest.mark.parametrize("link", [".agent", ".agent/outputs", ".agent/outputs/session"])
def test_no_link_is_followed(tmp_path: Path, kept: Gallery, link: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / link).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / link).symlink_to(elsewhere)
    assert kept.keep(0, PICTURE) is None
    assert not list(elsewhere.iterdir())


def test_a_file_that_is_there_stays(folder: Path, kept: Gallery) -> None:
    folder.mkdir(parents=True)
    (folder / "cell-0-1.png").write_text("mine")
    assert kept.keep(0, PICTURE) is None
    assert (folder / "cell-0-1.png").read_text() == "mine"


def test_there_is_room_for_so_much(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "_ROOM", 10)
    small = Gallery(tmp_path, folder)
    assert small.keep(0, PICTURE) is not None
    assert small.keep(0, PICTURE) is None
