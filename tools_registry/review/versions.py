"""Versions of a skill in commits."""

from __future__ import annotations

from collections.abc import Sequence

from tools_registry.git.git import Opened
from tools_registry.git.objects import Objects
from tools_registry.review.files import Texts
from tools_registry.review.place import Place
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import Skill
from tools_registry.skills.skill_file import claim_hash, split
from tools_registry.source import MAX_BYTES, SourceError, decode


def texts_at(git: Opened, place: Place, name: str, commits: Sequence[str]) -> list[Texts]:
    """The files of a skill as several commits have them.

    Args:
        git: Opened at the top of the repository.
        place: Where the library lies.
        name: The skill.
        commits: Full names of commits.
    """
    specs = [f"{commit}:{path}" for commit in commits for path in place.paths(name)]
    contents = Objects(git).contents(specs, limit=MAX_BYTES) if specs else []
    return [Texts.of(contents[i : i + 2]) for i in range(0, len(contents), 2)]


def as_skill(name: str, texts: Texts, library: SkillLibrary) -> Skill | None:
    """A version as a skill with what its own record says, believed or not; None if it is broken.

    Args:
        name: The skill.
        texts: Its files.
        library: Where they would lie.
    """
    try:
        return read_skill(name, texts, library)
    except SourceError:
        return None


def read_skill(name: str, texts: Texts, library: SkillLibrary) -> Skill:
    """The same, if it is not broken.

    Raises:
        SourceError: With the line, if it is.
    """
    folder, form = library.path, library.form
    file = folder / f"{name}.py"
    source, record = split(decode(texts.skill or b""))
    tests = decode(texts.tests or b"")
    tool = form.tool(source, file)
    return Skill(
        name=name,
        status=record.status,
        signature=tool.signature,
        summary=tool.summary,
        file=file,
        tests=folder / f"test_{name}.py",
        source=source,
        test_source=tests,
        evidence=record.evidence,
        provenance=record.provenance,
        content=record.content,
        kind=form.kind,
        claim=claim_hash(source, tests, record),
    )
