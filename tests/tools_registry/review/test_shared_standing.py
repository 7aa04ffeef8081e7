"""How far what others share may be trusted here."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.tools_registry.review.conftest import Save, draft
from tools_registry.git.remote import parse_remote
from tools_registry.review.approving import approve
from tools_registry.review.desk import Desk
from tools_registry.review.keeper import Keeper
from tools_registry.review.sharing import Pulled, pull, push
from tools_registry.skills.ledger import Ledger


def test_what_this_machine_knows_of_theirs_is_told(
    save: Save, desk: Desk, other: Desk, hub: Path, ledger: Ledger
) -> None:
    def statuses(*take: str) -> dict[str, str]:
        found = pull(desk, [parse_remote(str(hub))], take)
        told = [item.to_json() for item in found if isinstance(item, Pulled)]
        return {item["outcome"]: item["status"] for item in told}

    theirs = Keeper(other.library.workspace, ledger=other.library.ledger).save(draft("double", 3))
    approve(other, "double")
    push(other, parse_remote(str(hub)))
    assert statuses() == {"new": "stale"}
    assert statuses() == {"same": "stale"}
    ledger.validated(theirs.content)
    assert statuses() == {"same": "provisional"}

    save()
    assert statuses() == {"differs": "provisional"}
    ledger.approved(theirs.content)
    assert statuses() == {"differs": "approved"}
    assert statuses("double") == {"taken": "provisional"}  # in this library it waits for a merge
    save()
    ledger.failed(theirs.content, "double", "tests: 1 of 2")
    assert statuses() == {"differs": "stale"}
    ledger.rejected(theirs.content, "double", "slow")
    assert statuses() == {"rejected": "rejected"}


def test_a_record_that_borrows_a_hash_is_believed_nothing(
    save: Save, desk: Desk, ledger: Ledger, tmp_path: Path
) -> None:
    skill = save()
    approve(desk, "double")
    folder = tmp_path / "theirs"
    shutil.copytree(desk.library.path, folder)
    file = folder / "double.py"
    file.write_text(file.read_text().replace("2 * n", "3 * n"))
    (pulled,) = pull(desk, [parse_remote(str(folder))])
    assert isinstance(pulled, Pulled)
    assert pulled.candidate.skill.content == skill.content
    assert (pulled.outcome, pulled.status) == ("differs", "stale")
