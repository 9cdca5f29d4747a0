import pytest

from crumple.errors import DataError
from crumple.prepare.settings import TRAIN_VAL_TEST, Settings, read_splits


def test_splits():
    assert read_splits("train=0.8, val=0.1,test=0.1") == TRAIN_VAL_TEST
    assert Settings().to_dict()["splits"] == dict(TRAIN_VAL_TEST)


@pytest.mark.parametrize(
    "text", ["", "train", "train=x", "train=0.5", "a=0.5,a=0.5", "../a=1", "a=1.5,b=-0.5", "a=nan", "a=inf"]
)
def test_splits_that_make_no_sense(text):
    with pytest.raises(DataError, match="--splits"):
        read_splits(text)
