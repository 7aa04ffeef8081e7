"""Find the right tool: by words, by meaning, by past use."""
