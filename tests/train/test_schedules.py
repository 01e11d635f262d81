import pytest
from hypothesis import given
from hypothesis import strategies as st

from intone.train.schedules import factor, progress, total_steps


def at(name, step, done, warmup=100, final=0.01):
    return factor(name, step, done, warmup_steps=warmup, final_factor=final)


@pytest.mark.parametrize(
    ("name", "step", "done", "expected"),
    [
        ("constant", 49, 0.0, 0.5),
        ("constant", 5000, 1.0, 1.0),
        ("cosine", 5000, 0.5, 0.505),
        ("cosine", 5000, 1.0, 0.01),
        ("linear", 5000, 0.25, 1 - 0.99 * 0.25),
        ("linear", 5000, 1.0, 0.01),
        ("exponential", 5000, 0.5, 0.1),
        ("noam", 99, 0.0, 1.0),
        ("noam", 49, 0.0, 0.5),
        ("noam", 399, 0.9, 0.5),
    ],
)
def test_schedules_at_known_points(name, step, done, expected):
    assert at(name, step, done) == pytest.approx(expected)


@given(
    st.sampled_from(["constant", "cosine", "linear", "noam", "exponential"]),
    st.integers(0, 10**6),
    st.floats(0, 1),
    st.integers(0, 10**4),
)
def test_a_factor_is_above_zero_and_at_most_one(name, step, done, warmup):
    assert 0 < at(name, step, done, warmup) <= 1 + 1e-9


def test_the_clock_counts_where_it_is_ahead():
    assert progress(10, 100, 30, None) == 0.1
    assert progress(10, 100, 30, 1.0) == 0.5
    assert progress(90, 100, 30, 1.0) == 0.9
    assert progress(90, 100, 300, 1.0) == 1.0


def test_epochs_become_steps():
    assert total_steps(1000, None, 30, 2) == 1000
    assert total_steps(1000, 10, 30, 2) == 150
    assert total_steps(100, 10, 30, 2) == 100
