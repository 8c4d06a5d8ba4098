"""The README names every command and every make target, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

from api.cli import app

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_is_named_with_its_help() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a Typer app of several is a group
    assert commands
    for name, command in commands.items():
        assert f"spinecoder {name}" in README
        assert command.help


def test_every_option_is_named() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # as above
    for command in commands.values():
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
