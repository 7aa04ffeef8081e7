"""Where code runs and is remembered: guarded kernels, their isolation and their events."""
