"""Every method under both recipes against facts from the official code, stored as data with their source.

Facts of a method: `train` and `pretraining`, settings that the source states; `assumed`, settings of our official
recipe that no source states; `groups`, which parameters train and decay, and at which `rate` (a share of the learning
rate); `loss`, in the words of `LOSSES` here, or with the test that has its definition; `augmentation_note`, how the official
training augments images; `options` to build the method with; `no_code`, why there are no golden outputs; `card`, what the card has to say.
"""

import importlib
import json
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from baselines import registry
from baselines.contract import TextSpec, augmentation_note
from baselines.errors import InputError
from c2seg_bench.suite import Pretrain, Suite, Train
from tests.baselines.base import SPEC, images, prompts, targets

FACTS = json.loads((Path(__file__).parent / "official_facts.json").read_text())
LR, DECAY = 1e-3, 0.125


def suite_of(name, recipe):
    return Suite.model_validate(
        {
            "name": "facts",
            "recipe": recipe,
            "datasets": {"chest": {"source": "phantom", "size": 64}},
            "methods": [name],
            "train": {"epochs": 3, "lr": 0.5, "batch": 4},
        }
    )


def build(name, recipe, spec=SPEC, size=64):
    options = {"recipe": recipe} if "recipe" in registry.options(name, "tiny") else {}
    options |= FACTS[name].get("options", {})
    torch.manual_seed(0)
    return registry.build(name, "tiny", spec, size, **options)


def comparable(value):
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", FACTS)
def test_training_has_the_official_settings_and_the_common_recipe_those_of_the_suite(name):
    suite, common = suite_of(name, "official"), suite_of(name, "common")
    for key, expected in FACTS[name].get("train", {}).items():
        assert comparable(getattr(suite.training(suite.methods[0]), key)) == expected, key
    for key, expected in FACTS[name].get("pretraining", {}).items():
        assert comparable(getattr(suite.pretraining(suite.methods[0]), key)) == expected, key
    assert common.training(common.methods[0]) == Train(epochs=3, lr=0.5, batch=4)
    assert common.pretraining(common.methods[0]) == Pretrain()


@pytest.mark.parametrize("name", FACTS)
def test_every_setting_of_a_recipe_is_a_fact_with_a_source(name):
    method, fact = registry.get(name), FACTS[name]
    defaults = {key for key, value in fact.get("train", {}).items() if key not in method.official_recipe}
    assert defaults <= {"schedule"}  # a cosine where a recipe names none
    assert set(method.official_recipe) == set(fact.get("train", {})) - defaults | set(fact.get("assumed", ()))
    assert set(method.official_pretraining) == set(fact.get("pretraining", {}))
    assert fact["source"]


@pytest.mark.parametrize("name", FACTS)
def test_groups_train_and_decay_what_the_official_optimiser_does(name):
    model = build(name, "official")
    group_of = {id(p): group for group in model.param_groups(LR, DECAY) for p in group["params"]}
    for parameter_name, parameter in model.named_parameters():
        fact = next(f for f in FACTS[name]["groups"] if re.fullmatch(f["names"], parameter_name))
        if not fact.get("trained", True):
            assert not parameter.requires_grad and id(parameter) not in group_of, parameter_name
            continue
        group = group_of[id(parameter)]
        assert group["lr"] == LR * fact.get("rate", 1), parameter_name
        assert group["weight_decay"] == (DECAY if fact["decays"] else 0), parameter_name


@pytest.mark.parametrize("name", FACTS)
def test_the_card_lists_what_stays_different(name):
    card = " ".join(registry.get(name).card.deviations)
    for sentence in (*FACTS[name]["card"], *filter(None, [FACTS[name].get("no_code")])):
        assert sentence in card
    if "moves_pixels" in FACTS[name]:
        assert augmentation_note(FACTS[name]["moves_pixels"]) in card


def test_every_network_has_golden_outputs_or_no_code_to_take_them_from():
    golden = {json.loads(path.read_text())["method"] for path in (Path(__file__).parent / "golden").glob("*.json")}
    assert golden == {name for name in FACTS if "no_code" not in FACTS[name]}


def two_classes(logits):
    return torch.cat([torch.zeros_like(logits), logits], dim=1)


def dice_of_both_classes(logits, target):
    """Over the batch, with squares below the line, as DiceLoss of TransUNet's utils."""
    p, t = two_classes(logits).softmax(1), torch.cat([1 - target, target], dim=1)
    over = (0, 2, 3)
    return (1 - (2 * (p * t).sum(over) + 1e-5) / ((p * p).sum(over) + (t * t).sum(over) + 1e-5)).mean()


def image_dice(p, t, below):
    return (1 - (2 * (p * t).flatten(1).sum(1) + 1e-5) / (below.flatten(1).sum(1) + 1e-5)).mean()


def class_balanced(logits, target):
    p = logits.sigmoid()
    entropy = F.binary_cross_entropy(p, target, reduction="none")
    balanced = 0.5 * entropy[target > 0.5].mean() + 0.5 * entropy[target < 0.5].mean()
    return 0.5 * balanced + 0.5 * image_dice(p, target, p * p + target * target)


def focal_log_dice(logits, target):
    p = logits.sigmoid()
    right = torch.where(target > 0.5, p, 1 - p)
    dice = (2 * (p * target).sum() + 1) / (p.sum() + target.sum() + 1)
    return -10 * ((1 - right) ** 2 * right.log()).mean() - dice.log()


def twice_squashed(logits, target):
    p = logits.sigmoid()
    return image_dice(p, target, p + target) + F.binary_cross_entropy_with_logits(p, target)


LOSSES = {
    "half BCE and Dice": lambda x, t: (
        0.5 * F.binary_cross_entropy(x.sigmoid(), t) + image_dice(x.sigmoid(), t, x.sigmoid() + t)
    ),
    "half class-balanced BCE and half Dice with squares": class_balanced,
    "half BCE and Dice over the batch": lambda x, t: (
        0.5 * F.binary_cross_entropy(x.sigmoid(), t)
        + 1
        - (2 * (x.sigmoid() * t).sum() + 1) / (x.sigmoid().sum() + t.sum() + 1)
    ),
    "cross entropy with class weights 0.9 and 1.1": lambda x, t: F.cross_entropy(
        two_classes(x), t[:, 0].long(), weight=torch.tensor([0.9, 1.1], dtype=torch.float64)
    ),
    "half cross entropy and half Dice of both classes": lambda x, t: (
        0.5 * F.cross_entropy(two_classes(x), t[:, 0].long()) + 0.5 * dice_of_both_classes(x, t)
    ),
    "0.4 cross entropy and 0.6 Dice of both classes": lambda x, t: (
        0.4 * F.cross_entropy(two_classes(x), t[:, 0].long()) + 0.6 * dice_of_both_classes(x, t)
    ),
    "ten times the focal loss minus log Dice": focal_log_dice,
    "Dice of probabilities and BCE that takes them for logits": twice_squashed,
}


@pytest.mark.parametrize("name", [name for name in FACTS if "loss_test" in FACTS[name]])
def test_an_official_loss_of_many_parts_has_a_test_of_its_own(name):
    module, test = FACTS[name]["loss_test"].split(".")
    assert module == f"test_{name}" and FACTS[name]["loss"] not in LOSSES
    assert callable(getattr(importlib.import_module(f"tests.baselines.{module}"), test))


@pytest.mark.parametrize("name", [name for name in FACTS if "loss" in FACTS[name] and "loss_test" not in FACTS[name]])
def test_the_official_loss_is_the_one_named(name):
    model = build(name, "official", TextSpec(48, 12, 1000)).eval()
    image, text, target = images(2), prompts(3, 5), targets(2)
    with torch.no_grad():
        expected = LOSSES[FACTS[name]["loss"]](model(image, text).double(), target.double())
        torch.testing.assert_close(model.loss(image, text, target).double(), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", registry.names())
def test_the_common_loss_is_one_for_all(name):
    model = build(name, "common").eval()
    image, text, target = images(2), prompts(3, 5), targets(2)
    with torch.no_grad():
        expected = LOSSES["half BCE and Dice"](model(image, text).double(), target.double())
        torch.testing.assert_close(model.loss(image, text, target).double(), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in registry.names() if "recipe" in registry.options(name)])
def test_an_unknown_recipe_is_refused(name):
    with pytest.raises(InputError, match=f"^{name}: recipe 'mine' is unknown; there are: common, official$"):
        registry.build(name, "tiny", SPEC, 64, recipe="mine")


def test_every_method_has_facts_and_a_loss_where_its_recipe_has_one():
    assert sorted(FACTS) == registry.names()
    with_recipe = {name for name in FACTS if "recipe" in registry.options(name, "tiny")}
    assert with_recipe == {name for name in FACTS if "loss" in FACTS[name]} - {"ukan", "mmukan"}  # theirs is the common
