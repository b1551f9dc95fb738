"""What is measured against the truth: duplicates, wrong values, disagreement. Frames in, figures out; no Spark.

Frames: `links` has a row per source record (party_id, source, table, customer_id, entity); `stated` a row per
record or customer and attribute (entity, attribute, value).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


def share(part: float, whole: float) -> float:
    """What share `part` is of `whole`; nan of nothing."""
    return float(part) / float(whole) if whole else float("nan")


@dataclass(frozen=True)
class Duplicates:
    """Of the records of one kind of entity: how many too many before matching, how many customers too many after.

    A duplicate is a record (customer) beyond the first of its entity; `repeated` counts those within one source
    table. A customer is its majority's entity; `mixed` are customers that hold records of several entities.
    """

    kind: str
    records: int
    entities: int
    before: float
    repeated: float
    customers: int
    after: float
    customers_per_entity: float
    mixed: int
    precision: float
    recall: float
    f1: float


def duplicates(kind: str, links: pd.DataFrame) -> Duplicates:
    """The figures of the linked records of one kind; pairs are counted from group sizes, never listed."""
    records, entities = len(links), links["entity"].nunique()
    customers, found = links["customer_id"].nunique(), owners(links)["entity"].nunique()
    held = links[["customer_id", "entity"]].drop_duplicates()
    claimed, true = pairs(links, "customer_id"), pairs(links, "entity")
    right = pairs(links, "customer_id", "entity")
    return Duplicates(
        kind=kind,
        records=records,
        entities=entities,
        before=share(records - entities, records),
        repeated=share(records - len(links[["source", "table", "entity"]].drop_duplicates()), records),
        customers=customers,
        after=share(customers - found, customers),
        customers_per_entity=share(len(held), entities),
        mixed=int((held["customer_id"].value_counts() > 1).sum()),
        precision=share(right, claimed),
        recall=share(right, true),
        f1=share(2 * right, claimed + true),
    )


def pairs(rows: pd.DataFrame, *by: str) -> int:
    """Pairs of rows that agree in `by`."""
    sizes = rows.groupby(list(by)).size()
    return int((sizes * (sizes - 1) // 2).sum())


def owners(links: pd.DataFrame) -> pd.DataFrame:
    """customer_id, entity: whose records most of the customer's are; a tie goes to the lowest entity."""
    sizes = links.groupby(["customer_id", "entity"]).size().rename("records").reset_index()
    best = sizes.sort_values(["records", "entity"], ascending=[False, True])
    return best.drop_duplicates("customer_id")[["customer_id", "entity"]]


def judged(stated: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Stated values whose truth is known, with `wrong`."""
    both = stated.merge(truth.rename(columns={"value": "true"}), on=["entity", "attribute"])
    return both.assign(wrong=both["value"] != both["true"])


def error_rates(stated: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Per attribute: values stated (with a known truth), and the share that is wrong."""
    rows = judged(stated, truth).groupby("attribute")["wrong"].agg(["size", "mean"])
    return rows.rename(columns={"size": "stated", "mean": "wrong"})


def disagreement(stated: pd.DataFrame) -> pd.DataFrame:
    """Per attribute, over pairs of one entity's records in two sources: pairs, and those that disagree.

    Needs `source`. From group sizes: pairs across sources are all pairs less the pairs within one source.
    """
    across = _across(stated)
    agreeing = _across(stated, "value").reindex(across.index, fill_value=0)
    both = pd.DataFrame({"pairs": across, "differing": across - agreeing})
    return both[both["pairs"] > 0]


def _across(stated: pd.DataFrame, *further: str) -> pd.Series:
    keys = ["attribute", "entity", *further]
    whole = stated.groupby(keys).size()
    within = stated.groupby([*keys, "source"]).size()
    both = _two_of(whole).groupby("attribute").sum() - _two_of(within).groupby("attribute").sum()
    return both.astype("int64")


def _two_of(sizes: pd.Series) -> pd.Series:
    return sizes * (sizes - 1) // 2


def conflicts(stated: pd.DataFrame, shared: pd.Index | None = None) -> pd.Series:
    """(entity, attribute) → whether more than one value stands; only `shared` ones where given."""
    values = (
        stated.drop_duplicates(["entity", "attribute", "value"]).groupby(["entity", "attribute"]).size() > 1
    )
    return values if shared is None else values[values.index.isin(shared)]


def shared(stated: pd.DataFrame) -> pd.Index:
    """The (entity, attribute) that two sources or more state."""
    sources = stated.groupby(["entity", "attribute"])["source"].nunique()
    return sources[sources > 1].index


def accuracy(stated: pd.DataFrame, owned: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Per attribute over customers whose truth is known: customers, filled, and right (missing is not right)."""
    known = owned.merge(truth, on="entity").rename(columns={"value": "true"})
    known = known[known["attribute"].isin(stated["attribute"].unique())]
    both = known.merge(stated, on=["customer_id", "attribute"], how="left")
    both["filled"], both["right"] = both["value"].notna(), (both["value"] == both["true"]).fillna(False)
    return both.groupby("attribute").agg(
        customers=("right", "size"), filled=("filled", "mean"), right=("right", "mean")
    )
