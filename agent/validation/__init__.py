"""Gates: from a candidate to a verdict with evidence."""

from agent.validation.candidate import Candidate, Verdict
from agent.validation.finding import Finding
from agent.validation.gate import Rules
from agent.validation.validate import validate

__all__ = ["Candidate", "Finding", "Rules", "Verdict", "validate"]
