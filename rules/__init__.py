"""Encounter to adjudication: deterministic, dated, cited rules; knows no text, clock, web or database."""
