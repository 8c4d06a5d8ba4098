"""The doors: command line, batch, and what turns a result into text a person reads."""
