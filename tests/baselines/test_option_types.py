"""Values of options against the types that the methods state."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines import registry
from baselines.errors import InputError
from baselines.option_types import described, is_of, typed
from tests.baselines.base import SPEC


class Own:
    def __init__(
        self,
        text,
        image_size: int,
        heads: int = 4,
        rate: float = 0.5,
        widths: Sequence[int] = (1, 2),
        span: tuple[float, float] | None = None,
        weights: str = "none",
        gate: bool = True,
        anything=None,
    ): ...


@pytest.mark.parametrize(
    ("option", "right", "wrong", "expected"),
    [
        ("heads", [1, -3], ["4", 1.0, True, None, [1]], "a whole number"),
        ("rate", [0.1, -2.5], ["0.1", True, None, [0.1], float("nan"), float("inf")], "a number"),
        ("widths", [[1, 2], (3,), []], [1, "12", None, [1.5], [[1]], {1: 2}], "a list of whole numbers"),
        (
            "span",
            [[-1, 1], (0.5, 2.0), None],
            [1, [1], [1, 2, 3], ["a", "b"]],
            r"a list of 2 numbers or nothing \(null\)",
        ),
        ("weights", ["none", ""], [None, 50, ["none"]], "text"),
        ("gate", [True, False], [1, 0, "yes", None], "true or false"),
        ("anything", [None, 1, "a", {}], [], ""),
    ],
)
def test_each_type_takes_its_values_and_no_others(option, right, wrong, expected):
    for value in right:
        assert typed("own", Own, {option: value}) == {option: value}
    for value in wrong:
        with pytest.raises(InputError, match=f"^own: {option} .*: expected {expected}$"):
            typed("own", Own, {option: value})


def test_a_whole_number_is_a_number():
    rate = typed("own", Own, {"rate": 1, "heads": 1})
    assert type(rate["rate"]) is float and type(rate["heads"]) is int
    assert registry.build("slvit", "tiny", SPEC, 64, layer_scale=1).state_dict()


def test_types_that_cannot_be_resolved_are_not_checked():
    class Unresolved:
        def __init__(self, text: "OnlyForCheckers", heads: int = 1): ...  # noqa: F821

    assert typed("own", Unresolved, {"heads": "4"}) == {"heads": "4"}


@pytest.mark.parametrize("name", registry.names())
def test_the_sizes_of_every_method_are_of_its_types(name):
    for size in registry.get(name).sizes:
        options = registry.options(name, size)
        assert typed(name, registry.get(name), options) == options


@given(st.from_type(object) | st.lists(st.integers()) | st.text() | st.floats())
@settings(max_examples=60, deadline=None)
def test_any_value_is_either_of_a_type_or_not(value):
    for kind in (int, float, str, bool, Sequence[int], tuple[float, float], str | None):
        assert is_of(value, kind) in (True, False)
        assert described(kind)


@pytest.mark.parametrize("size", [0, -32, 64.0, None, "64"])
def test_an_image_size_is_a_whole_number(size):
    with pytest.raises(InputError, match="unet: image size .*: expected a whole number of pixels, 1 or more"):
        registry.build("unet", "tiny", SPEC, size)
