"""Operating-system isolation of a kernel process; standard library only."""
