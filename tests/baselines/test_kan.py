import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline

from baselines.errors import InputError
from baselines.layers.kan import KANLinear, RBFLinear, basis, kan

SPANS = st.tuples(st.floats(-4, 0), st.floats(0.5, 4))


def knots(grid, low, high):
    step = (high - low) / grid
    return low + (np.arange(grid + 7) - 3) * step


def scipy_basis(x, grid, low, high):
    """(len(x), grid + 3): scipy's basis elements, zero outside their support."""
    t = knots(grid, low, high)
    columns = [BSpline.basis_element(t[j : j + 5], extrapolate=False)(x) for j in range(grid + 3)]
    return np.nan_to_num(np.stack(columns, axis=-1))


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 8), SPANS)
def test_splines_are_scipys(grid, span):
    x = np.linspace(span[0] - 3, span[1] + 3, 401)
    centre, step = basis.spline_centres(grid, *span)
    ours = basis.spline(torch.from_numpy(x)[:, None], centre, step)[:, :, 0].numpy()
    np.testing.assert_allclose(ours, scipy_basis(x, grid, *span), atol=1e-10)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 8), SPANS)
def test_splines_sum_to_one_on_the_whole_span_with_both_ends(grid, span):
    centre, step = basis.spline_centres(grid, *span)
    x = torch.linspace(*span, 101, dtype=torch.float64)[:, None]
    torch.testing.assert_close(basis.spline(x, centre, step).sum(1), torch.ones_like(x), rtol=0, atol=1e-10)


def test_splines_are_zero_three_steps_outside():
    centre, step = basis.spline_centres(5, -1, 1)
    outside = torch.tensor([[-9.0], [-2.2001], [2.2001], [9.0]], dtype=torch.float64)
    assert not basis.spline(outside, centre, step).any()


def test_the_right_end_of_the_span_is_alive():
    layer, x = KANLinear(1, 1), torch.ones(1, 1, requires_grad=True)
    layer(x).backward()
    assert layer.coefficient.grad.count_nonzero() == 3  # the fourth bump has just ended there
    assert x.grad.item() != 0


@pytest.mark.parametrize("function", [basis.spline, basis.gaussian])
@pytest.mark.parametrize("shape", [(7, 3), (2, 5, 3), (0, 3)])
def test_gradients_are_those_of_finite_differences(function, shape):
    centre, step = basis.spline_centres(5, -1, 1)
    x = torch.rand(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 5 - 2.5
    assert torch.autograd.gradcheck(lambda x: function(x, centre, step), x.requires_grad_())


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 8), SPANS, st.integers(0, 9), st.sampled_from([torch.float32, torch.float64]))
def test_compiled_loops_are_what_other_devices_compute(grid, span, rows, dtype):
    centre, step = basis.spline_centres(grid, *span)
    centre, random = centre.to(dtype), torch.Generator().manual_seed(rows)
    x = torch.randn(rows, 4, generator=random, dtype=dtype) * 3
    grad = torch.randn(rows, grid + 3, 4, generator=random, dtype=dtype)
    near = {"rtol": 0, "atol": 1e-5 if dtype == torch.float32 else 1e-12}
    table = basis.compiled("table", x, centre, step, torch.full_like(grad, torch.nan))
    torch.testing.assert_close(table, basis.spline_table(x, centre, step), **near)
    slopes = basis.compiled("gradient", x, centre, step, grad, torch.full_like(x, torch.nan))
    near["atol"] *= grid + 3
    torch.testing.assert_close(slopes, basis.spline_gradient(x, centre, step, grad), **near)


def test_blocks_change_nothing(monkeypatch):
    layer, x = RBFLinear(6, 4), torch.randn(11, 6)
    whole = layer(x)
    monkeypatch.setattr(basis, "BLOCK", 100)
    torch.testing.assert_close(layer(x), whole, rtol=0, atol=0)


def test_kan_linear_is_the_sum_over_its_definition():
    layer = KANLinear(3, 2, grid=4, span=(-2.0, 1.0)).double()
    x = np.array([[-2.0, 0.3, 1.0], [5.0, -0.7, 0.0]])
    base, c, s = (p.detach().numpy() for p in (layer.base, layer.coefficient, layer.scaler))
    expected = np.zeros((2, 2))
    for row in range(2):
        for o in range(2):
            for i in range(3):
                bumps = scipy_basis(x[row, i : i + 1], 4, -2.0, 1.0)[0]
                expected[row, o] += base[o, i] * x[row, i] / (1 + np.exp(-x[row, i]))
                expected[row, o] += s[o, i] * sum(c[o, j, i] * bumps[j] for j in range(7))
    # centres are kept in float32
    np.testing.assert_allclose(layer(torch.from_numpy(x)).detach().numpy(), expected, atol=1e-6)


def test_rbf_linear_is_the_sum_over_its_definition():
    layer = RBFLinear(3, 2, grid=5).double()
    x = torch.randn(4, 3, dtype=torch.float64)
    normed = torch.nn.functional.layer_norm(x, (3,))
    expected = layer.base(x * torch.sigmoid(x))
    for j, centre in enumerate((-2.0, -1.0, 0.0, 1.0, 2.0)):
        expected = expected + torch.exp(-((normed - centre) ** 2)) @ layer.radial.weight[:, 3 * j : 3 * j + 3].T
    torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize(("inputs", "outputs"), [(128, 128), (160, 160), (512, 32)])
def test_counts(inputs, outputs):
    assert sum(p.numel() for p in KANLinear(inputs, outputs).parameters()) == 10 * inputs * outputs
    rbf = sum(p.numel() for p in RBFLinear(inputs, outputs).parameters())
    assert rbf == 9 * inputs * outputs + outputs + 2 * inputs


def test_first_splines_follow_small_noise_at_the_knots():
    layer = KANLinear(16, 16)
    at = torch.linspace(-1, 1, 6, dtype=torch.float64)[:, None]
    values = torch.einsum(
        "kj,oji->koi", basis.spline(at, layer.centre, layer.step)[:, :, 0].float(), layer.coefficient.detach()
    )
    assert values.abs().max() <= 0.05 / 5 + 1e-6
    assert values.std() == pytest.approx(0.1 / 5 / 12**0.5, rel=0.1)  # uniform over +-0.05 / 5


def test_splines_stay_float32_under_autocast():
    layer = KANLinear(8, 8)
    x = torch.linspace(-1, 1, 80).reshape(10, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        table = basis.spline(x.bfloat16(), layer.centre, layer.step)
    assert table.dtype == torch.float32
    torch.testing.assert_close(table.sum(1), torch.ones(10, 8))


@pytest.mark.parametrize("kind", ["spline", "rbf", "linear", "mlp"])
def test_every_kind_maps_the_last_axis(kind):
    assert kan(kind, 6, 4, grid=3, span=(-3.0, 3.0))(torch.randn(2, 5, 6)).shape == (2, 5, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kan("cubic", 2, 2), "unknown kind of KAN layer: 'cubic'; there are: spline, rbf, linear, mlp"),
        (lambda: kan("rbf", 2, 2, grid=1), "grid 1 is too small; take 2 or more"),
        (lambda: kan("spline", 2, 2, span=(1.0, 1.0)), r"span \[1.0, 1.0\] is empty"),
    ],
)
def test_wrong_calls_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
