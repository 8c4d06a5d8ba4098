"""What one process of the service holds for all its requests."""

from __future__ import annotations

from dataclasses import dataclass

from api.coder import Coder
from api.configuration import Configuration
from api.security import Gate
from api.store import Store


@dataclass(frozen=True, slots=True)
class ServiceState:
    """The parts of a running service; each holds its own state, and none holds a report."""

    configuration: Configuration
    store: Store
    coder: Coder
    gate: Gate
