from __future__ import annotations

import random
from math import log2

from conf.bank import open_bank
from conf.matching import MatchingConf
from models.matching.learning import Answer, Fit, corrected, fitted, gain, learn, weight_of


def answers(count: int, *, seed: int = 1, phone_bits: float = -6.0) -> list[Answer]:
    """Stewards who think `phone_bits` of a shared phone where the model thought it said more."""
    rng = random.Random(seed)
    made = []
    for i in range(count):
        fields = {"phone": rng.randint(0, 1), "name": rng.randint(0, 3)}
        weight = rng.uniform(-2, 6)
        odds = 2 ** (weight + phone_bits * fields["phone"])
        made.append(Answer(f"a{i}", f"b{i}", weight, fields, rng.random() < odds / (1 + odds)))
    return made


def test_a_level_that_stewards_trust_less_loses_bits_and_held_out_answers_are_told_better() -> None:
    found = learn(answers(300))
    assert found is not None
    assert found.is_better
    assert found.after.agreement > found.before.agreement + 0.05
    assert found.fit.levels["phone", 1] < -2 < found.fit.levels["name", 2]


def test_answers_that_follow_the_model_hardly_move_it() -> None:
    found = learn(answers(300, phone_bits=0.0))
    assert found is not None
    assert max(abs(bits) for bits in found.fit.levels.values()) < 1
    assert abs(found.after.loss - found.before.loss) < 0.03


def test_too_few_or_one_sided_answers_teach_nothing() -> None:
    assert learn(answers(10)) is None
    assert learn([Answer(f"a{i}", f"b{i}", 1.0, {}, True) for i in range(50)]) is None


def test_the_prior_holds_the_correction_back() -> None:
    few = answers(40)
    tight, loose = fitted(few, 0.1), fitted(few, 5.0)
    assert abs(tight.levels["phone", 1]) < abs(loose.levels["phone", 1])
    assert gain(few, [loose.weight(a) for a in few]).loss < gain(few, [tight.weight(a) for a in few]).loss


def test_corrected_rules_give_each_level_its_bits_and_stay_rules() -> None:
    rules = open_bank("demo").section("matching", MatchingConf).person
    fit = Fit(1.0, {("phone", 1): -3.0, ("phone", 0): 2.0, ("sex", 1): 0.5})
    moved = corrected(rules, fit)
    again = type(moved).model_validate(moved.model_dump())
    assert again == moved
    for name, comparison in rules.comparisons.items():
        last = len(comparison.levels) - 1
        for i, level in enumerate(comparison.levels):
            wanted = weight_of(level) + fit.levels.get((name, last - i), 0.0)
            assert abs(weight_of(moved.comparisons[name].levels[i]) - wanted) < 0.01
    odds = moved.prior / (1 - moved.prior)
    assert abs(log2(odds / (rules.prior / (1 - rules.prior))) - 1.0) < 1e-6
