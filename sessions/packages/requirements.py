"""What may be asked for: names of packages, with extras and versions, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sessions.errors import UsageError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_MOST = 50
_LONGEST = 300  # characters


def parsed(texts: Sequence[str]) -> list[Requirement]:
    """Requirements by their text, e.g. `polars`, `polars>=1,<2`, `dask[array]`.

    Raises:
        UsageError: If one is an option, a path, a URL, has a marker, or is no requirement at all.
    """
    if not texts or len(texts) > _MOST:
        msg = f"name one to {_MOST} packages to install, e.g. polars or 'polars>=1'"
        raise UsageError(msg)
    return [_parsed(text) for text in texts]


def canonical(requirement: Requirement) -> str:
    """The text that the installer gets, put together from the parts and not from what was typed."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{requirement.name}{extras}{requirement.specifier}"


def missing(wanted: Sequence[Requirement], present: Mapping[str, str]) -> list[Requirement]:
    """Those that are not there yet; one with extras may need more, so it is left in.

    Args:
        wanted: What is asked for.
        present: Canonical name → version of what the kernel can import already.

    Raises:
        UsageError: If another version is there: what can be imported is never replaced.
    """
    from packaging.utils import canonicalize_name

    left = []
    for requirement in wanted:
        version = present.get(canonicalize_name(requirement.name))
        if version is not None and not requirement.specifier.contains(version, prereleases=True):
            msg = (
                f"{requirement.name} {version} is there already and is not replaced by "
                f"{requirement.specifier}: what the kernel can import stays as it is"
            )
            raise UsageError(msg)
        if version is None or requirement.extras:
            left.append(requirement)
    return left


def _parsed(text: str) -> Requirement:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        if len(text) > _LONGEST or not text.isprintable() or not text.isascii():
            raise InvalidRequirement(text)
        requirement = Requirement(text)
    except InvalidRequirement:
        msg = f"{text[:60]!r} is not the name of a package: write e.g. polars or 'polars>=1,<2'"
        raise UsageError(msg) from None
    if requirement.url is not None or requirement.marker is not None:
        what = "an address" if requirement.url is not None else "a marker"
        msg = f"{text[:60]!r} has {what}: packages come by name and version from registries alone"
        raise UsageError(msg)
    return requirement
