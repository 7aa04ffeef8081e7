"""The doors and the mind: command line, magics, library, coordinator."""
