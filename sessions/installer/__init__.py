"""What runs inside the walls of an installation: pip, on connections that the host opens."""
