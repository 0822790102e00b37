import sys

import pytest
import torch

import baselines
from baselines import registry
from baselines.contract import TextBatch
from baselines.errors import InputError
from tests.baselines.base import SPEC, prompts

NEW = """
from baselines.contract import Card, Method
from baselines.registry import register

@register
class New(Method):
    card = Card("new", "New", 2030, "X", "https://example.org", False, None, None, ())
    sizes = {"paper": {}, "tiny": {"depth": 1}}
    def __init__(self, text, image_size, depth=2):
        super().__init__(text, image_size)
        self.depth = depth
"""


@pytest.fixture
def new_module(tmp_path, monkeypatch):
    registry.names()  # imports every method before the registry is copied
    (tmp_path / "new.py").write_text(NEW)
    (tmp_path / "_draft.py").write_text("raise RuntimeError('private modules are not imported')")
    monkeypatch.setattr(baselines, "__path__", [*baselines.__path__, str(tmp_path)])
    for field in ("_entries", "_origins"):
        monkeypatch.setattr(registry.METHODS, field, dict(getattr(registry.METHODS, field)))
    registry.METHODS.include("baselines")
    yield
    sys.modules.pop("baselines.new", None)


def test_a_module_in_the_folder_is_a_method(new_module):
    assert "new" in registry.names()
    assert registry.build("new", "paper", SPEC, 64).depth == 2
    assert registry.build("new", "tiny", SPEC, 64).depth == 1
    assert registry.build("new", "tiny", SPEC, 64, depth=7).depth == 7
    assert registry.options("new", "tiny") == {"depth": 1}


def test_a_name_belongs_to_one_class(new_module):
    class Other(registry.get("new")):
        pass

    with pytest.raises(TypeError, match="Other: the name 'new' is taken by baselines.new.New"):
        registry.register(Other)


def test_a_method_without_card_or_sizes_is_refused():
    with pytest.raises(TypeError, match="Bare: a method needs card"):
        registry.register(type("Bare", (baselines.contract.Method,), {}))
    card = registry.get("unet").card
    with pytest.raises(TypeError, match="Bare: a method needs sizes"):
        registry.register(type("Bare", (baselines.contract.Method,), {"card": card, "sizes": {"tiny": {}}}))


def test_names_are_sorted_and_each_method_has_its_own_published_row():
    own = [name for name in registry.names() if registry.get(name).__module__.startswith("baselines.")]
    assert own == sorted(own) and {"lvit", "ukan", "unet"} <= set(own)
    rows = [registry.get(name).card.published for name in own if registry.get(name).card.published]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("unett", "tiny"), r"^unknown method: 'unett'; did you mean 'unet'\? there are: .*lvit.*ukan, unet.*$"),
        (("unet", "huge"), "^unknown size of unet: 'huge'; there are: paper, tiny$"),
    ],
)
def test_an_unknown_name_is_answered_with_the_known_ones(call, message):
    with pytest.raises(InputError, match=message):
        registry.build(*call, SPEC, 64)


def test_an_unknown_option_is_answered_with_the_known_ones():
    with pytest.raises(
        InputError, match=r"^unknown option of unet: 'width'; did you mean 'widths'\? there are: widths$"
    ):
        registry.build("unet", "tiny", SPEC, 64, width=3)


def test_rows_of_a_text_batch():
    text = prompts(3, 5, 7)
    picked = text[torch.tensor([2, 0])]
    assert isinstance(picked, TextBatch) and len(picked) == 2
    assert torch.equal(picked.tokens, text.tokens[[2, 0]]) and torch.equal(picked.pooled, text.pooled[[2, 0]])
    assert picked.mask.sum(1).tolist() == [7, 3] and text[1:].mask.sum(1).tolist() == [5, 7]
    assert text.to("meta").ids.device.type == "meta"
