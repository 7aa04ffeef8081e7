"""A person's own modules: read as text on the host, run in the kernel alone."""
