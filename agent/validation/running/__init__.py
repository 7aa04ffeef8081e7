"""Gates that run the candidate in the guarded kernel and judge on the host what comes back."""
