"""The README names every command and every make target, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer.main

from api.cli import app

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def every_command() -> dict[str, Any]:
    """Every command by all its words, those of a group too."""
    found: dict[str, Any] = {}
    waiting = [("spinecoder", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop()
        found[name] = command
        waiting += [(f"{name} {own}", inner) for own, inner in getattr(command, "commands", {}).items()]
    return found


def test_every_command_is_named_with_its_help() -> None:
    assert "spinecoder rules timeline" in every_command()
    for name, command in every_command().items():
        assert f"`{name}" in README or name == "spinecoder"
        assert command.help


def test_every_option_is_named() -> None:
    for command in every_command().values():
        for parameter in command.params:
            for option in parameter.opts:
                assert option in README or not option.startswith("--") or option == "--help"


def test_every_target_is_named() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split():  # type: ignore[index]  # it is there
        assert f"make {target}" in README


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
