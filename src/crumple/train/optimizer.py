"""AdamW as the recipe asks for it, and the schedule of the learning rate: warm-up, then a cosine."""

from collections.abc import Iterable

import keras
from keras import ops

from crumple.model.mask_rcnn import MaskRCNN
from crumple.train.recipe import Optimisation


class ScaledAdamW(keras.optimizers.AdamW):
    """AdamW with a smaller learning rate for some variables, and averages that a short run makes its own.

    Scaling gradients would not do for the learning rate: Adam undoes it. Weight decay keeps the full rate: Keras
    applies it to all variables at once.
    """

    def __init__(self, *args, slow: Iterable[str] = (), factor: float = 1.0, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._slow, self._factor = frozenset(slow), factor

    def update_step(self, gradient, variable, learning_rate):
        # Backends hand over their own variable here; the index leads back to Keras', which knows its path.
        path = self._trainable_variables[self._get_variable_index(variable)].path
        scale = self._factor if path in self._slow else 1.0
        super().update_step(gradient, variable, learning_rate * scale)

    def _update_model_variables_moving_average(self, trainable_variables):
        # Keras starts the averages at the first step's weights and lets go of them at a constant rate: with a momentum
        # of 0.998, more than half of them is left after 300 steps.
        if self.use_ema:
            momentum = averaging_momentum(ops.cast(self.iterations, "float32"), self.ema_momentum)
            for variable, average in zip(trainable_variables, self._model_variables_moving_average, strict=True):
                average.assign(momentum * average + (1 - momentum) * variable)


def averaging_momentum(step, ema: float):
    """Momentum of the averaged weights after `step` steps: 0 at the first, where averaging starts, then
    (1 + n) / (10 + n) at the n-th average, until that reaches `ema`.

    So the average spans about the last ninth of a run, until it spans 1 / (1 - ema) steps.
    """
    return ops.minimum(ema, step / (9.0 + step))


def make_optimizer(model: MaskRCNN, settings: Optimisation, steps: int) -> ScaledAdamW:
    """Warm up linearly, decay along a cosine; average the weights; no decay on biases."""
    warmup = min(settings.warmup_steps, steps // 2)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.learning_rate / 100,
        decay_steps=max(1, steps - warmup),
        alpha=settings.final_rate,
        warmup_target=settings.learning_rate,
        warmup_steps=warmup,
    )
    optimizer = ScaledAdamW(
        schedule,
        weight_decay=settings.weight_decay,
        global_clipnorm=settings.clip_norm,
        use_ema=True,
        ema_momentum=settings.ema,
        slow=[v.path for trunk in model.trunks for v in trunk.trainable_variables],
        factor=settings.trunk_factor,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer
