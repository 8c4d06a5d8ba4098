"""A process that says only what we say: libraries write report text to logs and warnings, so none gets through."""

from __future__ import annotations

import logging
import os
import sys
import warnings

from api.faults import tell_without_text


def silence() -> None:
    """Call first in every process of ours, before a library is imported that logs."""
    os.environ["LOGURU_AUTOINIT"] = "False"  # loguru would write DEBUG to standard error from its import on
    if "loguru" in sys.modules:
        from loguru import logger  # noqa: PLC0415  only to be shut when someone has loaded it before us

        logger.remove()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.excepthook = tell_without_text
