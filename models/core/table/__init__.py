"""The bank's own machinery over a plain table: pandas, Arrow or polars in, a judged model out.

    from models.core import table

    trained = table.train(frame, label="churned", time="as_of", sensitive=("sex", "age"))
    print(trained.evaluation)
    print(table.gate(trained))
    chance = trained.predict(new)
    why = trained.reasons(new.head(20))

See docs/models.md.
"""

from models.core.fairness import by_group, gaps
from models.core.table.judging import GATE, drift, gate
from models.core.table.trained import Evaluation, Trained, load
from models.core.table.training import LEARN, train
from models.core.table.validation import Validation, cross_validate

__all__ = [
    "GATE",
    "LEARN",
    "Evaluation",
    "Trained",
    "Validation",
    "by_group",
    "cross_validate",
    "drift",
    "gaps",
    "gate",
    "load",
    "train",
]
