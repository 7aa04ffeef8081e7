"""Which steps need a person's yes, by approval mode."""

from __future__ import annotations

from typing import Literal

from agent.settings import Approval

Action = Literal["keep", "install"]
"""What may need a yes: `keep` writes something that outlives the run, such as a skill; `install`
brings code of strangers into the kernel, from allowed registries."""

UNATTENDED = "nobody could be asked"
"""With this reason a door denies what it can show to nobody; the run then ends `needs_input`."""

_ASKS: dict[Approval, frozenset[Action]] = {
    "automatic": frozenset(),
    "review": frozenset({"keep", "install"}),
}


def asks(mode: Approval, action: Action) -> bool:
    """Whether a person must agree to an action first."""
    return action in _ASKS[mode]
