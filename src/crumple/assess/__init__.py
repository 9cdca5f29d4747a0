"""From a photo to an assessment: which part, which damage, how bad, why. Runs without TensorFlow or Keras.

The package is also the function: `crumple.assess("car.jpg")` is `crumple.assess.pipeline.assess("car.jpg")`. Importing
a submodule sets the name `crumple.assess` to this module, so the module itself has to be callable.
"""

import sys
from types import ModuleType
from typing import Any


class _CallableModule(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from crumple.assess.pipeline import assess

        return assess(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableModule
