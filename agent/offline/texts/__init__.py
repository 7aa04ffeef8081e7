"""Questions about texts: quoted ones, and those in files."""
