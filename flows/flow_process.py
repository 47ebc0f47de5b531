"""The process of one book run, as the worker starts it.

Runs ``prefect.engine`` from a main module that imports nothing: the pool's children import
their parent's main module again, and Prefect would cost each of them 1.5 s and 82 MB.
"""

from __future__ import annotations

import runpy

from flows.leash import tie_to_parent

if __name__ == "__main__":
    tie_to_parent()
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=False)
