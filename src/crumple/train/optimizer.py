"""AdamW as the recipe asks for it."""

from collections.abc import Iterable

import keras

from crumple.model.mask_rcnn import MaskRCNN
from crumple.train.recipe import Optimisation


class ScaledAdamW(keras.optimizers.AdamW):
    """AdamW with a smaller learning rate for some variables. (Scaling gradients would not do: Adam undoes it.)

    Weight decay keeps the full rate: Keras applies it to all variables at once.
    """

    def __init__(self, *args, slow: Iterable[str] = (), factor: float = 1.0, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._slow, self._factor = frozenset(slow), factor

    def update_step(self, gradient, variable, learning_rate):
        # Backends hand over their own variable here; the index leads back to Keras', which knows its path.
        path = self._trainable_variables[self._get_variable_index(variable)].path
        scale = self._factor if path in self._slow else 1.0
        super().update_step(gradient, variable, learning_rate * scale)


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
        slow=[variable.path for variable in model.trunk.trainable_variables],
        factor=settings.trunk_factor,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer
