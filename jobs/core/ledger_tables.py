"""The ledger's tables: runs, what became of each table and delivery, and the versions pinned for a date."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

META: Final = sa.MetaData()

RUN = sa.Table(
    "run",
    META,
    sa.Column("run_id", sa.Integer, primary_key=True),
    sa.Column("bank", sa.String, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("conf", sa.String, nullable=False),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("ended_at", sa.DateTime),
    sa.Column("status", sa.String, nullable=False),
)
ENTRY = sa.Table(
    "entry",
    META,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.Integer),
    sa.Column("table", sa.String, nullable=False, index=True),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("version", sa.Integer),
    sa.Column("epoch", sa.Integer, nullable=False, default=0),
    sa.Column("inputs", sa.JSON, nullable=False),
    sa.Column("signature", sa.String, nullable=False),
    sa.Column("rows_in", sa.BigInteger, nullable=False),
    sa.Column("rows_out", sa.BigInteger, nullable=False),
    sa.Column("quarantined", sa.BigInteger, nullable=False),
    sa.Column("deduplicated", sa.BigInteger, nullable=False),
    sa.Column("pending", sa.BigInteger, nullable=False, default=0),
    sa.Column("hash", sa.String),
    sa.Column("sums", sa.JSON),
    sa.Column("gate", sa.String),
    sa.Column("model_version", sa.String),
    sa.Column("stale", sa.JSON),
    sa.Column("message", sa.String),
    sa.Column("seconds", sa.Float),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("written_at", sa.DateTime),
)
DELIVERY = sa.Table(
    "delivery",
    META,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("batch_id", sa.String, nullable=False, index=True),
    sa.Column("table", sa.String, nullable=False, index=True),
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("content", sa.String, nullable=False),
    sa.Column("files", sa.JSON, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("message", sa.String),
    sa.Column("rows_in", sa.BigInteger, nullable=False, default=0),
    sa.Column("rows_out", sa.BigInteger, nullable=False, default=0),
    sa.Column("quarantined", sa.BigInteger, nullable=False, default=0),
    sa.Column("deduplicated", sa.BigInteger, nullable=False, default=0),
    sa.Column("superseded_by", sa.String),
    sa.Column("taken_as_of", sa.Date, nullable=False),
    sa.Column("version", sa.Integer),
    sa.Column("written_at", sa.DateTime),
)
PIN = sa.Table(
    "pin",
    META,
    sa.Column("as_of", sa.Date, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("version", sa.String, nullable=False),
)
