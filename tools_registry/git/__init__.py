"""Git on repositories that nobody vouches for."""
