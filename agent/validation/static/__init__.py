"""Gates that read the candidate and run nothing of it."""
