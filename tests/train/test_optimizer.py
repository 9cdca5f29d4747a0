import keras
import numpy as np
import pytest

from crumple.train.optimizer import ScaledAdamW


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
