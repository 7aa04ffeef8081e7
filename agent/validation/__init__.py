"""Gates: from a candidate to a verdict with evidence."""
