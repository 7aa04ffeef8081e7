"""Sub-agents that are written, judged, kept, and then asked by name."""
