"""placeholder"""

from pathlib import Path


class Git:
    def __init__(self, folder: Path) -> None: ...
    def head(self) -> str | None:
        return None
