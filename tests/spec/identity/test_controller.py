from __future__ import annotations

from datetime import date
from decimal import Decimal

from pyspark.sql import SparkSession

from jobs.identity import controller

HELD = "customer_id string, other_customer_id string, kind string, share decimal(9,6), valid_from date"


def test_controllers_through_chains_and_their_groups(spark: SparkSession) -> None:
    rows = [
        ("P", "A", "shareholder", Decimal("0.6"), date(2024, 1, 1)),
        ("A", "B", "shareholder", Decimal("0.5"), date(2024, 2, 1)),
        ("Q", "B", "shareholder", Decimal("0.3"), date(2024, 3, 1)),
        ("R", "B", "shareholder", Decimal("0.2"), date(2024, 1, 1)),
        ("R", "A", "guarantor", None, date(2024, 1, 1)),
    ]
    built = controller.build(spark.createDataFrame(rows, HELD))
    found = {
        (r["customer_id"], r["company_id"]): (
            r["effective_share"],
            r["controls"],
            r["is_ultimate"],
            r["through"],
        )
        for r in built["identity.controller"].collect()
    }
    assert found == {
        ("P", "A"): (Decimal("0.600000"), True, True, []),
        ("A", "B"): (Decimal("0.500000"), True, False, []),
        ("P", "B"): (Decimal("0.300000"), True, True, ["A"]),
        ("Q", "B"): (Decimal("0.300000"), False, True, []),
    }
    groups = built["identity.corporate_group"].orderBy("customer_id").collect()
    assert [tuple(r) for r in groups] == [("A", "P", False, 3), ("B", "P", False, 3), ("P", "P", True, 3)]
    assert built["identity.controller"].columns == controller.SCHEMA.names
