"""Independent pieces of one job's work, two at a time: while Spark plans one on one core, another runs on the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from pyspark import inheritable_thread_target
from pyspark.sql import SparkSession

T = TypeVar("T")
AT_ONCE: Final = 2
"""More would hold more plans and shuffles in memory at once, beside the other tables that are being made."""


def together(spark: SparkSession, work: Sequence[Callable[[], T]], at_once: int = AT_ONCE) -> list[T]:
    """What each of `work` returns, in their order. Raises the first error, once those that run have ended.

    Threads carry the caller's local properties of Spark, such as what its jobs are called.
    """
    with ThreadPoolExecutor(at_once, thread_name_prefix="together") as pool:
        running = [pool.submit(inheritable_thread_target(spark)(one)) for one in work]
        return [one.result() for one in running]
