import keras
import numpy as np
import pytest

from crumple.train.optimizer import ScaledAdamW, averaging_momentum

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("factor", [0.0, 0.25])
def test_slow_variables_move_by_their_share(factor):
    slow, fast = keras.Variable(np.ones(3, np.float32)), keras.Variable(np.ones(3, np.float32))
    optimizer = ScaledAdamW(0.1, weight_decay=0.0, slow=[slow.path], factor=factor)
    gradient = keras.ops.convert_to_tensor(np.array([1.0, -2.0, 3.0], np.float32))
    for _ in range(3):
        optimizer.apply([gradient, gradient], [slow, fast])
    moved = np.asarray(slow.value) - 1, np.asarray(fast.value) - 1
    assert np.abs(moved[1]).min() > 0.05
    assert np.allclose(moved[0], factor * moved[1], rtol=1e-3, atol=1e-6)


def averages_of(values, ema):
    """The average after each step, for a variable that has `values` at the steps."""
    variable = keras.Variable(np.zeros(1, np.float32))
    optimizer = ScaledAdamW(0.0, weight_decay=0.0, use_ema=True, ema_momentum=ema)
    optimizer.build([variable])
    found = []
    for value in values:
        variable.assign([value])
        optimizer.apply([keras.ops.zeros(1)], [variable])
        found.append(float(optimizer._model_variables_moving_average[0][0]))
    return found


def test_averages_begin_with_the_first_weights_and_ramp_up_to_their_momentum():
    # Momentum 0, 1/10, 2/11, then 0.2 for good.
    assert averages_of([1, 2, 4, 8], ema=0.2) == pytest.approx([1, 1.9, 3.618182, 7.123636])
    assert averages_of([1, 2, 3], ema=0.0) == [1, 2, 3]


def test_a_short_run_keeps_almost_nothing_of_its_start():
    assert averages_of([1] + [0] * 9, ema=0.998)[-1] == pytest.approx(1 / 48620)  # 9! 9! / 18!
    kept = np.prod([averaging_momentum(float(step), 0.998) for step in range(1, 300)])
    assert kept < 1e-15  # a constant momentum keeps 0.998^299, which is 55 %
