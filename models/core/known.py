"""The models there are, found by their folders: who trains or judges them needs no list, and no table imports another."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil

import models
from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import ModelSpec, ModelsSpec
from jobs.core.errors import UsageError
from models.core.trainable import OwnModel, TrainableModel


def known_models() -> list[str]:
    """Names of the packages under models/ that can be trained."""
    packages = [m.name for m in pkgutil.iter_modules(models.__path__) if m.ispkg]
    return sorted(n for n in packages if importlib.util.find_spec(f"models.{n}.train"))


def model_of(name: str) -> TrainableModel | OwnModel:
    """The model of `models/<name>/train.py`. Raises UsageError with the known names."""
    if name not in known_models():
        raise UsageError(f"there is no model {name!r}", f"known are {', '.join(known_models())}")
    found: TrainableModel | OwnModel = importlib.import_module(f"models.{name}.train").MODEL
    return found


def trainable(name: str) -> TrainableModel:
    """The same, of those that foretell a label. Raises UsageError for one that learns in a way of its own."""
    found = model_of(name)
    if not isinstance(found, TrainableModel):
        raise UsageError(f"the model {name!r} foretells no label", "name one that does, such as churn")
    return found


def spec_of(model: TrainableModel | OwnModel, bank: Bank) -> ModelSpec:
    """How the bank configures the model, what is sensitive barred. Raises ConfError where something sensitive would train."""
    spec = model.spec(bank.section("models", ModelsSpec))
    sensitive = bank.section("features", FeaturesConf).sensitive
    for path, why in spec.problems(sensitive):
        raise bank.located("models").fault((model.name, *path), why)
    return spec.barring(sensitive)
