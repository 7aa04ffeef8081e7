"""The offline engine: useful with no key and no network."""
