"""Which pipeline made a value, in one word that changes whenever its outcome could."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from pipeline.settings import PROJECT

_DIGITS = 12


@lru_cache(maxsize=8)
def pipeline_versions(config: Path) -> str:
    """``code.config``: shortened SHA-256 over the sources of ``pipeline`` and over ``ocr_config``.

    Content instead of a number somebody must remember to raise: an office edits forms,
    thresholds and lexicons itself.
    """
    code = _digest(PROJECT / "pipeline", "*.py")
    return f"{code}.{_digest(config, '*')}"


def _digest(folder: Path, pattern: str) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob(pattern) if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}\n{content}\n".encode())
    return digest.hexdigest()[:_DIGITS]
