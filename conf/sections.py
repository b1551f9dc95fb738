"""Sections of a bank's configuration and the frozen types that read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel

from conf.alerts import AlertsConf
from conf.complaints import ComplaintsConf
from conf.features import FeaturesConf
from conf.gates import AccessConf, GatesConf
from conf.matching import MatchingConf
from conf.models import ModelsSpec
from conf.monitoring import MonitoringConf
from conf.profile import ProfileConf
from conf.segments import SegmentsConf
from conf.survivorship import SurvivorshipConf
from conf.watch import WatchConf

SECTIONS: Final[Mapping[str, type[BaseModel]]] = {
    "matching": MatchingConf,
    "survivorship": SurvivorshipConf,
    "features": FeaturesConf,
    "profile": ProfileConf,
    "models": ModelsSpec,
    "monitoring": MonitoringConf,
    "segments": SegmentsConf,
    "alerts": AlertsConf,
    "complaints": ComplaintsConf,
    "gates": GatesConf,
    "watch": WatchConf,
    "access": AccessConf,
}
