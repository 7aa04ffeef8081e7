"""What can be called: core tools and skills, and the search that finds them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools_registry.core_package import core_path
    from tools_registry.registry import Registry
    from tools_registry.skills.library import SkillLibrary
    from tools_registry.skills.skill import Evidence, Provenance, Skill, SkillDraft
    from tools_registry.tool import Hit, Parameter, Tool

__all__ = [
    "Evidence",
    "Hit",
    "Parameter",
    "Provenance",
    "Registry",
    "Skill",
    "SkillDraft",
    "SkillLibrary",
    "Tool",
    "core_path",
]

_HOMES = {
    "Evidence": "skills.skill",
    "Hit": "tool",
    "Parameter": "tool",
    "Provenance": "skills.skill",
    "Registry": "registry",
    "Skill": "skills.skill",
    "SkillDraft": "skills.skill",
    "SkillLibrary": "skills.library",
    "Tool": "tool",
    "core_path": "core_package",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import tools_registry` is free."""
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
