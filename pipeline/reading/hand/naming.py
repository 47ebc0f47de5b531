"""The name of weights, out of their card alone: who only asks for it need not load the net."""

from __future__ import annotations

import json
from pathlib import Path


def weights_name(config: Path, name: str = "hand") -> str:
    """E.g. ``hand-a14d0176``, as ``load_net`` calls them; empty where no card can be read."""
    try:
        card = json.loads((config / "weights" / f"{name}.json").read_text("utf-8"))
        return f"{name}-{card['sha256'][:8]}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
