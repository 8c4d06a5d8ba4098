"""One value from the environment, or from the file that it names: a secret need not stand in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from api.reading import InputError

_FROM_FILE = "_FILE"


def value_of(name: str, *, kind: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """What ``NAME`` says, or what stands in the file that ``NAME_FILE`` names; ``None`` where neither is set.

    An :class:`InputError` of *kind* names the variable whose file cannot be read.
    """
    if name in environment:
        return environment[name]
    path = environment.get(name + _FROM_FILE)
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        raise InputError(kind, f"{name}{_FROM_FILE} cannot be read: {why}.") from None
