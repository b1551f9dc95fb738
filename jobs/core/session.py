"""The Spark session: the only place that starts one and that touches the JVM."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pyspark.sql import SparkSession

from conf.settings import Settings
from jobs.core.errors import SetupError

PROJECT: Final = Path(__file__).resolve().parents[2]
TELEMETRY_OFF: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GX_ANALYTICS_ENABLED": "false",
}

LOOKED_UP: Final = ("functions", "org.apache.spark.sql.functions", "PythonSQLUtils", "PythonUtils")
"""Classes that each column expression asks for, as PySpark spells them."""


def start(settings: Settings, *, extra: Mapping[str, str] | None = None) -> SparkSession:
    """The process's session, made at the first call. Raises SetupError where Java or the Delta jars lack."""
    prepare_environment()
    conf = {**settings.spark, **(extra or {})}
    if conf.get("spark.master", "local").startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.Builder().appName("onebook")
    for key, value in (conf | _class_path(conf)).items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    _remember_classes(spark)
    # It would print every analysis error as JSON, plan and literals included; the runner says what matters.
    logging.getLogger("DataFrameQueryContextLogger").disabled = True
    return spark


def _remember_classes(spark: SparkSession) -> None:
    """Look Java's classes up once: PySpark asks for them at each call, and Java then searches every jar for some."""
    jvm: Any = spark.sparkContext._jvm  # noqa: SLF001 - PySpark has no other name for it
    for name in LOOKED_UP:
        setattr(jvm, name, getattr(jvm, name))


def prepare_environment() -> None:
    """Java, this very Python for the workers, telemetry off: set before the JVM starts."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    # Each thread that allocates outside the heap would keep a pool of its own.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    for name, value in TELEMETRY_OFF.items():
        os.environ.setdefault(name, value)
    os.environ["JAVA_HOME"] = java_home()
    os.environ.setdefault("SPARK_CONF_DIR", str(PROJECT / "conf" / "spark"))
    # Workers started elsewhere import this project from its folder.
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if str(PROJECT) not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join([str(PROJECT), *filter(None, paths)])


def java_home() -> str:
    """JAVA_HOME if it is a 17 or 21, else what `make setup` noted, else the java on PATH."""
    noted = PROJECT / ".java" / "home"
    candidates = [os.environ.get("JAVA_HOME"), noted.read_text().strip() if noted.is_file() else None]
    for home in candidates:
        if home and _java_version(Path(home) / "bin" / "java") in (17, 21):
            return home
    if home := _home_on_path():
        return home
    raise SetupError("no Java 17 or 21 was found", "run `make setup`, or set JAVA_HOME to a JDK 17 or 21")


def jars_folder() -> Path:
    """The folder of the Delta jars: ONEBOOK_JARS, else .jars in the project."""
    return Path(os.environ.get("ONEBOOK_JARS", PROJECT / ".jars"))


def _class_path(conf: Mapping[str, str]) -> dict[str, str]:
    jars = sorted(str(jar) for jar in jars_folder().glob("*.jar"))
    if len(jars) < 2:
        raise SetupError(f"the Delta jars aren't in {jars_folder()}", "run `make setup`, or set ONEBOOK_JARS")
    if conf.get("spark.master", "local").startswith("local"):
        return {"spark.driver.extraClassPath": os.pathsep.join(jars)}
    return {"spark.jars": ",".join(jars)}


def _java_version(java: Path) -> int | None:
    if not java.is_file():
        return None
    shown = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False).stderr
    quoted = shown.split('"')
    return int(quoted[1].split(".")[0]) if len(quoted) > 1 and quoted[1].split(".")[0].isdigit() else None


def _home_on_path() -> str | None:
    java = shutil.which("java")
    if java is None or _java_version(Path(java)) not in (17, 21):
        return None
    return str(Path(java).resolve().parent.parent)
