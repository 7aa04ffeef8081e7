"""What runs inside the sandbox; imports nothing else of this project."""
