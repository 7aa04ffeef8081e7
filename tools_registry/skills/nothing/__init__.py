"""No skills."""
