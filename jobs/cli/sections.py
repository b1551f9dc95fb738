"""Sections of a bank's configuration and the frozen types that read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel

from conf.features import FeaturesConf
from conf.matching import MatchingConf
from conf.models import ModelsSpec
from conf.profile import ProfileConf
from conf.survivorship import SurvivorshipConf

SECTIONS: Final[Mapping[str, type[BaseModel]]] = {
    "matching": MatchingConf,
    "survivorship": SurvivorshipConf,
    "features": FeaturesConf,
    "profile": ProfileConf,
    "models": ModelsSpec,
}
