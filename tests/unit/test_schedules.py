"""Tests of local.models.schedules."""

import pytest
from speechbrain.nnet.schedulers import CyclicLRScheduler

from local.models.schedules import OneCycle, Ramp, Staircase, Triangular

STEPS = [i / 1000 for i in range(1001)]


@pytest.fixture
def one_cycle():
    return OneCycle(peak=0.01, warmup=0.2, start=0.1, end=0.001)


@pytest.fixture
def ramp():
    return Ramp(first=0.1, last=0.3, begin=0.25, end=0.75)


@pytest.mark.parametrize(
    ("progress", "lr"),
    [
        (0.0, 0.001),  # peak * start
        (0.1, 0.0055),  # half way up: 0.01 * (0.1 + 0.9 / 2)
        (0.2, 0.01),
        (0.4, 0.01 * (0.001 + 0.999 * 0.8535534)),  # (1 + cos(pi / 4)) / 2
        (0.6, 0.01 * (0.001 + 0.999 / 2)),
        (1.0, 0.00001),  # peak * end
    ],
)
def test_one_cycle_by_hand(one_cycle, progress, lr):
    assert one_cycle(progress) == pytest.approx(lr, rel=1e-6)


def test_one_cycle_rises_to_the_peak_and_falls(one_cycle):
    values = [one_cycle(progress) for progress in STEPS]
    top = values.index(max(values))
    assert STEPS[top] == 0.2
    assert values[: top + 1] == sorted(values[: top + 1])
    assert values[top:] == sorted(values[top:], reverse=True)


def test_one_cycle_has_no_jump(one_cycle):
    values = [one_cycle(progress) for progress in STEPS]
    steps = [abs(b - a) for a, b in zip(values, values[1:], strict=False)]
    assert max(steps) < 0.01 * 0.005  # warm-up: 0.9 / 200 of the peak a step


@pytest.mark.parametrize("warmup", [0, 1, -0.1, 1.5, float("nan")])
def test_one_cycle_refuses_a_warmup_outside_0_to_1(warmup):
    with pytest.raises(ValueError, match="warmup must lie between 0 and 1"):
        OneCycle(peak=1, warmup=warmup, start=0, end=0)


@pytest.mark.parametrize(
    ("progress", "value"),
    [(0, 0.1), (0.25, 0.1), (0.375, 0.15), (0.5, 0.2), (0.75, 0.3), (1, 0.3)],
)
def test_ramp_by_hand(ramp, progress, value):
    assert ramp(progress) == pytest.approx(value)


def test_ramp_may_fall():
    assert Ramp(first=1, last=0, begin=0, end=1)(0.25) == pytest.approx(0.75)


def test_ramp_rises_without_a_jump(ramp):
    values = [ramp(progress) for progress in STEPS]
    assert values == sorted(values)
    steps = [b - a for a, b in zip(values, values[1:], strict=False)]
    assert max(steps) == pytest.approx(0.2 / 500)


@pytest.mark.parametrize(
    ("begin", "end"), [(0.5, 0.5), (0.6, 0.5), (-0.1, 0.5), (0, 2)]
)
def test_ramp_refuses_an_impossible_span(begin, end):
    with pytest.raises(ValueError, match="need 0 <= begin < end <= 1"):
        Ramp(0, 1, begin, end)


@pytest.mark.parametrize(
    ("progress", "lr"),
    [(0, 0.1), (0.1, 0.3), (0.2, 0.5), (0.3, 0.3), (0.4, 0.1), (0.6, 0.5), (1, 0.5)],
)
def test_triangular_by_hand(progress, lr):
    triangular = Triangular(low=0.1, peak=0.5, half_cycle=0.2)
    assert triangular(progress) == pytest.approx(lr)


def test_triangular_is_speechbrains_cyclic_schedule():
    theirs = CyclicLRScheduler(base_lr=1e-8, max_lr=1e-3, step_size=186)
    ours = Triangular(low=1e-8, peak=1e-3, half_cycle=0.186)
    expected = [theirs.clr(step) for step in range(1001)]
    assert [ours(progress) for progress in STEPS] == pytest.approx(expected)


@pytest.mark.parametrize("half_cycle", [0, -0.1, float("nan")])
def test_triangular_refuses_a_cycle_of_no_length(half_cycle):
    with pytest.raises(ValueError, match="half_cycle must be above 0"):
        Triangular(low=0, peak=1, half_cycle=half_cycle)


def test_staircase_is_that_of_the_lab_at_every_step_of_training():
    n_epochs, steps = 35, 7
    schedule = Staircase(first=0.001, factor=0.95, every=10, n_epochs=n_epochs)
    n_steps = n_epochs * steps
    for step in range(n_steps):
        lr = 0.001 * 0.95 ** (step // steps // 10)  # epochs from 0
        assert schedule(step / (n_steps - 1)) == pytest.approx(lr)


def test_staircase_refuses_no_epochs():
    with pytest.raises(ValueError, match="need every and n_epochs >= 1, got 0, 9"):
        Staircase(first=1, factor=0.5, every=0, n_epochs=9)
