"""The models behind the coordinator."""
