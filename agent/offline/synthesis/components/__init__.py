"""What the synthesiser builds with, one module for each kind of thing."""
