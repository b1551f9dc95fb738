"""LightGBM in a Spark worker: without scikit-learn and pandas, which it loads only to accept their types.

A worker lives for a minute or a task: what it imports is paid for each time. LightGBM alone loads in about a
second, with both of them in five to eight.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import lightgbm as lgb

UNNEEDED: Final = ("sklearn", "pandas", "matplotlib", "graphviz", "dask")


@lru_cache(maxsize=32)
def booster(text: str) -> lgb.Booster:
    """The booster that `text` describes, parsed once in each worker, however many batches it gets."""
    with _unseen(UNNEEDED):
        import lightgbm  # noqa: PLC0415 - see above
    return lightgbm.Booster(model_str=text)


@contextmanager
def _unseen(names: tuple[str, ...]) -> Iterator[None]:
    """Modules that aren't loaded yet can't be imported meanwhile: who asks for them goes without."""
    hidden = [n for n in names if n not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type] # None refuses an import
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
