import pytest

from crumple.errors import DataError
from crumple.label.review import Review, ReviewItem


def item(file_name: str, score: float) -> ReviewItem:
    return ReviewItem(
        file_name=file_name,
        image_ids=[1],
        annotation_ids=[3],
        kind="tiny",
        score=score,
        text="too small",
        box=(1, 2, 3, 4),
    )


def review(*items: ReviewItem) -> Review:
    return Review(
        version="v3", annotations_sha256="0" * 64, crumple="1", made="2026-11-22T00:00:00Z", items=list(items)
    )


def test_a_saved_review_is_read_again(tmp_path):
    written = review(item("b.jpg", 0.9), item("a.jpg", 0.5), item("b.jpg", 0.4))
    written.save(tmp_path / "out" / "review.json")
    assert Review.load(tmp_path / "out" / "review.json") == written
    assert written.photos() == ["b.jpg", "a.jpg"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "Invalid JSON"),
        ('{"format": "coco"}', "field format"),
        (review(item("a.jpg", 0.5)).model_dump_json().replace('"tiny"', '"ugly"'), "field items.0.kind"),
    ],
)
def test_what_is_no_review_is_told_with_its_field(tmp_path, content, says):
    path = tmp_path / "review.json"
    path.write_text(content)
    with pytest.raises(DataError, match="crumple label check") as error:
        Review.load(path)
    assert says in str(error.value) and str(path) in str(error.value)


def test_a_missing_review_is_told(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        Review.load(tmp_path / "review.json")
