"""What we claim about speed, memory, tokens and quality, as programs anyone can run."""
