"""What builds on a skill is tested again when that skill has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.cli.telling import tell

if TYPE_CHECKING:
    from agent.settings import Settings
    from tools_registry.skills.library import SkillLibrary


def retest(library: SkillLibrary, name: str, settings: Settings) -> None:
    """Test all that went stale because a skill is not what they were tested with.

    What passes can be used again; the rest stays out of use and of search until it is mended.

    Args:
        library: Where they lie.
        name: The skill that has changed.
        settings: The person's choices.
    """
    from agent.cli.looping import run_until_done

    if waiting := stale_dependents(library, name):
        tell(f"{name} has changed: what builds on it is tested again")
        run_until_done(_test(library, waiting, settings))


def stale_dependents(library: SkillLibrary, name: str) -> tuple[str, ...]:
    """The skills that import one, directly or over others, and can't be used; in that order.

    There are none as long as the skill itself can't be used: they would fail for that alone.
    """
    skills = {skill.name: skill for skill in library.list()}
    if name not in skills or not skills[name].usable:
        return ()
    return tuple(n for n in library.dependents(name) if skills[n].status == "stale")


async def _test(library: SkillLibrary, names: tuple[str, ...], settings: Settings) -> int:
    from agent.cli.skill_testing import test_all

    async for tested in test_all(library, names, settings):
        skill = tested.skill
        tell(f"{skill.name} is {skill.status}: {tested.problem or 'it passed'}")
    return 0
