"""Pages of the web for code in a kernel, fetched on the host behind a network policy."""
