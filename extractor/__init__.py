"""Report text to encounter: reads what was done, decides nothing about codes."""
