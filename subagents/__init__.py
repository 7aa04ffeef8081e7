"""Roles with a small context of their own."""
