"""Learning rates and optimisers against PyTorch's own; the order of images and early stopping by definition."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from c2seg_bench.engine.training.optimizer import make_optimizer
from c2seg_bench.engine.training.schedule import epoch_batches, rate_share, shuffled, stops_early
from c2seg_bench.suite import Train

FIGURES = [0.1, 0.2, 0.2, 0.2, 0.2000001, 0.19, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.31]


def torchs_rates(scheduler_of, epochs, lr, figures=None):
    """The rate of each epoch under a scheduler that steps once an epoch."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler, rates = scheduler_of(optimizer), []
    for epoch in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(*([] if figures is None else [figures[epoch]]))
    return rates


def rates(recipe, figures=()):
    return [recipe.lr * rate_share(recipe, epoch, 0, 4, figures[:epoch]) for epoch in range(recipe.epochs)]


@pytest.mark.parametrize("period", [None, 30])
def test_cosine_over_all_epochs_and_over_a_period_of_its_own(period):
    recipe = Train(epochs=12, lr=3e-4, min_lr=1e-6, period=period)
    expected = torchs_rates(lambda o: lr_scheduler.CosineAnnealingLR(o, period or 12, 1e-6), 12, 3e-4)
    assert rates(recipe) == pytest.approx(expected, rel=1e-9)


def test_cosine_stays_at_its_end():
    assert rate_share(Train(epochs=12, period=6), 9, 0, 4, []) == pytest.approx(1e-6 / 1e-3)  # the period is over


def test_restarts_are_constant_within_an_epoch():
    recipe = Train(epochs=25, lr=3e-4, min_lr=1e-4, schedule="restarts", period=10)
    expected = torchs_rates(lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10, 1, 1e-4), 25, 3e-4)
    assert rates(recipe) == pytest.approx(expected)
    assert rate_share(recipe, 13, 3, 4, []) == rate_share(recipe, 13, 0, 4, [])


def test_polynomial_falls_at_every_step():
    recipe = Train(epochs=5, lr=0.01, min_lr=0.0, schedule="polynomial", power=0.9)
    shares = [rate_share(recipe, step // 4, step % 4, 4, []) for step in range(20)]
    assert shares == pytest.approx([(1 - step / 20) ** 0.9 for step in range(20)])


def test_plateau_reduces_where_the_figure_stays():
    recipe = Train(epochs=13, lr=1e-3, min_lr=1e-8, schedule="plateau", plateau=2, factor=0.5)
    expected = torchs_rates(
        lambda o: lr_scheduler.ReduceLROnPlateau(o, "max", factor=0.5, patience=2, min_lr=1e-8), 13, 1e-3, FIGURES
    )
    assert rates(recipe, FIGURES) == pytest.approx(expected)
    assert min(expected) < 1e-3 / 2  # two reductions at least


def test_constant_stays():
    assert set(rates(Train(epochs=9, lr=2e-4, schedule="constant"))) == {2e-4}


@pytest.mark.parametrize(
    ("recipe", "cls", "settings"),
    [
        ({"optimizer": "sgd"}, torch.optim.SGD, {"momentum": 0.99, "nesterov": True}),
        (
            {"optimizer": "sgd", "momentum": 0.9, "nesterov": False},
            torch.optim.SGD,
            {"momentum": 0.9, "nesterov": False},
        ),
        ({"optimizer": "adam", "betas": (0.5, 0.999)}, torch.optim.Adam, {"betas": (0.5, 0.999)}),
        ({"optimizer": "adamw"}, torch.optim.AdamW, {"betas": (0.9, 0.999)}),
    ],
)
def test_optimiser_has_the_recipes_settings_and_the_groups_own_rate(recipe, cls, settings):
    groups = [{"params": [torch.nn.Parameter(torch.zeros(2))], "lr": 0.5, "weight_decay": 0.25}]
    optimizer = make_optimizer(Train(lr=0.1, **recipe), groups)
    assert type(optimizer) is cls
    group = optimizer.param_groups[0]
    assert group["lr"] == 0.5 and group["weight_decay"] == 0.25
    assert {key: group[key] for key in settings} == settings


def test_a_minimum_above_the_rate_keeps_the_rate():
    assert set(rates(Train(epochs=9, lr=0.01, min_lr=0.1))) == {0.01}


@given(st.integers(1, 60), st.integers(1, 9), st.integers())
def test_an_epoch_has_every_image_once_and_no_batch_of_one_after_another(n, batch, seed):
    parts = shuffled(np.arange(n), batch, "suite", seed)
    assert sorted(np.concatenate(parts)) == list(range(n))
    assert all(len(part) <= batch + 1 for part in parts)
    assert len(parts) == 1 or batch == 1 or all(len(part) > 1 for part in parts)


def test_the_names_alone_decide_the_order():
    first, again, other = (np.concatenate(shuffled(np.arange(30), 4, "a", k)) for k in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()


@pytest.mark.parametrize(("epoch", "stops"), [(3, False), (5, False), (6, True)])
def test_training_ends_after_more_than_patience_epochs_without_a_better_one(epoch, stops):
    assert stops_early(epoch, best_epoch=3, patience=2) is stops
    assert not stops_early(epoch, best_epoch=3, patience=None)


def test_an_epoch_of_a_fixed_number_of_steps_goes_through_the_images_again():
    rows, recipe = np.arange(10), Train(batch=4, epoch_steps=7)
    batches = epoch_batches(rows, recipe, "suite", 0)
    assert len(batches) == 7
    assert sorted(np.concatenate(batches[:3])) == sorted(np.concatenate(batches[3:6])) == list(range(10))
    assert np.concatenate(batches[:3]).tolist() != np.concatenate(batches[3:6]).tolist()
    assert len(epoch_batches(rows, Train(batch=4, epoch_steps=2), "suite", 0)) == 2
