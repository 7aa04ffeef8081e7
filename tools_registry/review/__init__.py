"""The review of skills: ordinary git, written without touching what is not theirs."""
