"""A training run from a recipe: data, model, optimiser, `fit`, and going on where it stopped."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
from keras import ops

from crumple.dataset.loader import Loader, Source
from crumple.dataset.sets import DataFile, read_data
from crumple.errors import CrumpleError, DataError, ModelError
from crumple.folder_lock import only_process
from crumple.model.backbone import freeze
from crumple.model.checkpoint import Start, read_config, start_from
from crumple.model.config import ModelConfig
from crumple.model.mask_rcnn import MaskRCNN
from crumple.model.pretrained import load_imagenet
from crumple.train.callbacks import DIVERGED, Keep, Log, Position, SaveState, StopOnNaN, Stopped, Validate
from crumple.train.optimizer import make_optimizer
from crumple.train.recipe import Recipe
from crumple.train.state import claim_folder, load_state, save_state
from crumple.train.training_model import TrainingModel
from crumple.weights import RELEASED


def read_sets(recipe: Recipe) -> DataFile:
    """The recipe's data file. Raises DataError if the batch names a set that it lacks."""
    data = read_data(recipe.data, root=recipe.root)
    names = [s.name for s in data.sets]
    if unknown := sorted(set(recipe.batch).difference(names)):
        raise DataError(
            f"{recipe.data}: has no set {unknown[0]!r}, which the recipe's batch asks for; it has {', '.join(names)}"
        )
    return data


def make_loader(recipe: Recipe, data: DataFile, config: ModelConfig) -> Loader:
    """The training batches that the recipe describes."""
    sources = [
        Source(
            s,
            s.read("train", check_sizes=True),
            share.photos,
            share.negatives,
            share.mosaic,
            share.pasted,
            share.undamaged_views,
        )
        for s in data.sets
        if (share := recipe.batch.get(s.name))
    ]
    for source in sources:
        if source.negatives and not source.data.undamaged:
            raise DataError(
                f"{recipe.data}: set {source.data.name!r} is not marked undamaged and gives no negatives; "
                "take negatives out of the recipe's batch"
            )
    classes = {branch.name: branch.classes for branch in config.branches}
    size, slots = config.input_size, recipe.object_slots
    places = config.places if _learns(recipe, PLACES) else ()
    return Loader(sources, classes, size, recipe.augmentation, slots, recipe.seed, places)


def make_model(recipe: Recipe, data: DataFile, say: Callable[[str], None] = lambda line: None) -> MaskRCNN:
    """A model with one branch per label space of the data, on ImageNet weights or from a checkpoint.

    From a checkpoint, the recipe's settings go on top of the checkpoint's own: branches that it lacks join it, and the
    data file's own classes take the place of its classes. `start_from` says what must still fit; `say` is told what was
    taken over.
    """
    names = list(dict.fromkeys(s.branch for s in data.sets if s.name in recipe.batch))
    if recipe.init:
        given = read_config(recipe.init).to_dict()
        branches = given["branches"]
    else:
        given = {}
        branches = []
    taken = {branch["name"] for branch in branches}
    own = {name: {"classes": classes} for name, classes in data.own_classes.items() if name in names}
    branches = [branch | own.get(branch["name"], {}) for branch in branches]
    branches += [{"name": name, "classes": data.classes(name)} for name in names if name not in taken]
    if unknown := sorted(set(recipe.branches) - {branch["name"] for branch in branches}):
        taught = ", ".join(branch["name"] for branch in branches)
        raise DataError(f"recipe {recipe.name}: branches: the model has no {unknown[0]!r}, only {taught}")
    branches = [branch | recipe.branches.get(branch["name"], {}) for branch in branches]
    if nameless := [branch["name"] for branch in branches if not branch["classes"]]:
        raise DataError(
            f"{recipe.data}: the classes of the branch {nameless[0]!r} are not known; name them in the data file, as "
            f"classes: {{{nameless[0]}: [...]}}"
        )
    # What was measured on other weights says nothing of the new ones: no metadata.
    settings = given | recipe.model | {"name": recipe.name, "branches": branches, "metadata": {}}
    try:
        config = ModelConfig.from_dict(settings)
        model, start = start_from(recipe.init, config) if recipe.init else (MaskRCNN(config), None)
    except ValueError as error:
        raise DataError(f"recipe {recipe.name}: model settings: {' '.join(str(error).split())}") from error
    learners = [*model.branches, *([PLACES] if model.places else [])]
    if unknown := sorted(set(recipe.learns) - set(learners)):
        raise DataError(f"recipe {recipe.name}: learns: the model has no {unknown[0]!r}, only {', '.join(learners)}")
    anew = bool(model.places) and not given.get("places")
    if recipe.backbone_weights and recipe.init and not anew:
        raise DataError(
            f"recipe {recipe.name}: backbone_weights: would have no effect, for init gives every weight; leave one out"
        )
    if recipe.from_nothing:
        say(
            "warning: neither init nor backbone_weights is given: every weight begins at random, which takes very many "
            f"photos and steps; `init: {RELEASED.name}` starts from the released model"
        )
    if start:
        say(f"{recipe.init}: {start.words}")
    if start and given["places"]:
        _refuse_to_forget_places(recipe, data, start)
    if recipe.backbone_weights and not recipe.init:
        load_imagenet(model.trunk, recipe.backbone_weights)
    if recipe.backbone_weights and model.places and anew:
        load_imagenet(model.places.trunk, recipe.backbone_weights)
    return model


def _refuse_to_forget_places(recipe: Recipe, data: DataFile, start: Start) -> None:
    """Raises DataError where a checkpoint's places would begin anew and this run has no labels to teach them."""
    anew = [name for name in start.fresh if name.startswith("places_")]
    labelled = [s for s in data.sets if s.name in recipe.batch and "train" in s.splits and s.splits["train"].places]
    if anew and not (labelled and _learns(recipe, PLACES)):
        raise DataError(
            f"recipe {recipe.name}: init: its places do not fit (another model.input_size or model.places?) and no set "
            "here teaches them anew; keep these settings, take a set with place labels into the batch, or train "
            "without places (model: {places: []})"
        )


PLACES = "places"


def _learns(recipe: Recipe, name: str) -> bool:
    return not recipe.learns or name in recipe.learns


def _choose_trainable(model: MaskRCNN, recipe: Recipe, labelled_images: dict[str, int], *, places: bool) -> None:
    """What has no labels here keeps what it knows: a branch, the places; the detector's trunk if no branch learns."""
    frozen, depthwise = recipe.freeze_to_stride, recipe.optimisation.freeze_depthwise
    for name, images in labelled_images.items():
        for head in model.branches[name].models:
            head.trainable = images > 0
    if any(labelled_images.values()):
        freeze(model.trunk, frozen, depthwise)
        model.fpn.trainable = frozen < model.config.pyramid_strides[-1]
    else:
        model.trunk.trainable = model.fpn.trainable = False
    if model.places and places:
        freeze(model.places.trunk, frozen, depthwise)
    elif model.places:
        for part in model.places.models:
            part.trainable = False


def _distribute() -> None:
    """Data-parallel over all devices where the backend sees several (Keras' distribution API; JAX at present)."""
    devices: list[str] = []
    with contextlib.suppress(NotImplementedError, ImportError):
        devices = keras.distribution.list_devices()
    if len(devices) > 1 and keras.backend.backend() == "jax":
        # Batches come from the loader: on several instances each has its own, see `instance` below.
        parallel = keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)
        keras.distribution.set_distribution(parallel)


def train(
    recipe: Recipe,
    folder: Path,
    validate: Validate | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    stop_after: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    instance: tuple[int, int] = (0, 1),
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Run `recipe` in `folder`, or go on with the run that is there.

    Args:
        folder: gets state.npz, the checkpoints last/ (averaged weights) and best/ (averaged or live, whichever were
            better), log.jsonl and tensorboard/.
        validate: AP by name for a model, called every `recipe.validate_epochs`, for averaged and for live weights.
        callbacks: run after the run's own, e.g. for progress.
        stop_after: end after so many epochs in all, as an interruption would.
        stop: asked after every step; once it says so, the state is saved and Stopped raised. So it is where `validate`
            raises Stopped.
        instance: which of how many processes this is that keras.distribution has joined for one run. Each takes batches
            of its own, so that a step sees that many times the recipe's photos. Every process has its own folder.
        say: told in one line what was taken over from the recipe's `init`.

    Returns: the folder of the best checkpoint, or of the last where nothing was validated.

    Raises: DataError, ModelError, Stopped.
    """
    keras.utils.set_random_seed(recipe.seed)
    before = keras.mixed_precision.dtype_policy(), keras.distribution.distribution()
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16" if recipe.bfloat16 else "float32")
    _distribute()
    try:
        return _train(recipe, folder, validate, callbacks, stop_after, stop, instance, say)
    finally:
        keras.mixed_precision.set_dtype_policy(before[0])
        keras.distribution.set_distribution(before[1])


def _train(
    recipe: Recipe,
    folder: Path,
    validate: Validate | None,
    callbacks: Sequence[keras.callbacks.Callback],
    stop_after: int | None,
    stop: Callable[[], bool],
    instance: tuple[int, int],
    say: Callable[[str], None],
) -> Path:
    data = read_sets(recipe)
    model = make_model(recipe, data, say)
    loader = make_loader(recipe, data, model.config)
    # A step sees a batch of every instance: without this the others' photos would be passed over.
    labelled_images = {
        name: images * instance[1] if _learns(recipe, name) else 0 for name, images in loader.labelled_images().items()
    }
    _choose_trainable(model, recipe, labelled_images, places=bool(loader.places))
    training = TrainingModel(model, labelled_images, recipe.sampling, recipe.seed, places=bool(loader.places))
    training.compile(
        optimizer=make_optimizer(model, recipe.optimisation, recipe.steps),
        # TensorFlow's own kernels beat XLA on CPUs; JAX has nothing but XLA.
        jit_compile=keras.backend.backend() != "tensorflow",
    )
    training.optimizer.build(training.trainable_variables)
    claim_folder(folder, recipe)
    with only_process(folder, "trains here", ModelError):
        _fit(training, loader, recipe, folder, validate, callbacks, stop_after, stop, instance)
    return folder / ("best" if (folder / "best").exists() else "last")


def _fit(
    training: TrainingModel,
    loader: Loader,
    recipe: Recipe,
    folder: Path,
    validate: Validate | None,
    callbacks: Sequence[keras.callbacks.Callback],
    stop_after: int | None,
    stop: Callable[[], bool],
    instance: tuple[int, int],
) -> None:
    """From the state in `folder`, if there is one, to the last epoch."""
    state = folder / "state.npz"
    epochs = min(recipe.epochs, stop_after or recipe.epochs)
    done, begun, metrics = load_state(training, state) if state.exists() else (0, 0, [])
    while done < epochs:
        position = Position(stop, recipe.epochs, begun, metrics)
        ours = [
            StopOnNaN(),
            Keep(folder, validate, recipe.validate_epochs, recipe.epochs),
            Log(folder, recipe.steps_per_epoch, loader.batch_size * instance[1], done),
            *callbacks,
            SaveState(folder),
            position,
        ]
        number, of = instance
        start = (done * recipe.steps_per_epoch + begun) * of + number
        with contextlib.closing(loader.stream(start, stride=of)) as batches:
            try:
                if begun == recipe.steps_per_epoch:
                    _end_epoch(training, done, ours)
                else:
                    training.fit(
                        ((batch,) for batch in batches),
                        steps_per_epoch=recipe.steps_per_epoch - begun,
                        initial_epoch=done,
                        epochs=done + 1 if begun else epochs,
                        shuffle=False,  # the loader decides the order
                        verbose=0,
                        callbacks=ours,
                    )
            except Stopped:
                if hasattr(training, "jax_state_sync"):  # within an epoch JAX's variables are elsewhere
                    training.jax_state_sync()
                save_state(training, position.epoch, state, position.steps)
                raise
            except Exception:
                # TensorFlow wraps what a photo did wrong in an error of its own; say it in the loader's words.
                if isinstance(batches.error, CrumpleError):
                    raise batches.error from None
                # Weights that are no numbers make no box to index by: the backend may stop before the loss is seen.
                if not all(np.isfinite(ops.convert_to_numpy(v)).all() for v in training.trainable_variables):
                    raise ModelError(DIVERGED) from None
                raise
        # An epoch that was gone on with has had a `fit` of its own, which leaves the averaged weights in the model.
        done, begun, metrics = load_state(training, state)


def _end_epoch(training: TrainingModel, epoch: int, callbacks: Sequence[keras.callbacks.Callback]) -> None:
    """What follows an epoch's last step, of a run that was stopped in the midst of it."""
    all_of_them = keras.callbacks.CallbackList(callbacks, model=training)
    all_of_them.on_train_begin()
    all_of_them.on_epoch_begin(epoch)
    all_of_them.on_epoch_end(epoch, dict(training.get_metrics_result()))
    all_of_them.on_train_end()
