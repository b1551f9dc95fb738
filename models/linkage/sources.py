"""Where records come from, and which sources hold no entity twice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from conf.linkage import LinkageConf


def sources(table: pd.DataFrame, conf: LinkageConf) -> pd.Series | None:
    """Each record's source, where a column or the files tell."""
    return (
        None if conf.source_column is None else table[conf.source_column].astype(str).reset_index(drop=True)
    )


def distinct(source: pd.Series | None, conf: LinkageConf) -> npt.NDArray[np.int64] | None:
    """The number of each record's source where that holds no entity twice, else −1; None where no source is so."""
    unique = {name: i for i, name in enumerate(n for n, s in conf.sources.items() if s.unique)}
    return None if source is None or not unique else source.map(unique).fillna(-1).to_numpy(np.int64)
