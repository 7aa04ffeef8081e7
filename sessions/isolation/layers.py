"""Which layers hold, noted while they are put up."""

from __future__ import annotations

from .spec import Held, Layer


class Layers:
    """Notes what was put up and what was not; told to the host as `Held`."""

    def __init__(self) -> None:
        self._held: dict[Layer, str] = {}
        self._lacking: dict[str, str] = {}

    def hold(self, layer: Layer, how: str) -> None:
        """A layer holds."""
        self._held[layer] = how

    def lack(self, layer: Layer, why: str) -> None:
        """A layer is not there."""
        self._lacking[layer] = why

    def told(self, required: tuple[Layer, ...]) -> Held:
        """All of it; `required` is what a sandbox of this kind can't do without."""
        reasons = self._lacking | {str(layer): how for layer, how in self._held.items()}
        return Held(active=tuple(self._held), reasons=reasons, required=required)
