"""Beam's S3 file systems with one client for all files."""

import pytest

from crumple.beam import store
from tests.stores import s3_bucket


@pytest.mark.slow
def test_one_client_serves_files_that_are_open_at_a_time(monkeypatch):
    import boto3
    from apache_beam.io.filesystems import FileSystems
    from apache_beam.options.pipeline_options import PipelineOptions

    made, real = [], boto3.session.Session.client

    def client(self, *args, **options):
        made.append(self)
        return real(self, *args, **options)

    with s3_bucket() as bucket:
        monkeypatch.setattr(boto3.session.Session, "client", client)
        FileSystems.set_options(PipelineOptions([]))
        contents = {f"{bucket}/{name}": name.encode() * 1000 for name in "ab"}
        for path, data in contents.items():
            store.write(path, data)
        first, second = map(store.open_file, contents)
        with first, second:
            halves = [(file.read(500), file.read()) for file in (first, second)]
            assert [one + other for one, other in halves] == list(contents.values())
        assert [store.read_photo_file(path) for path in contents] == list(contents.values())
        assert sorted(store.sizes(bucket)) == ["a", "b"] and len(made) == 1
    with s3_bucket() as other:
        FileSystems.set_options(PipelineOptions([]))  # as every run does
        store.write(f"{other}/c", b"c")
        assert store.exists(f"{other}/c") and len(made) == 2
