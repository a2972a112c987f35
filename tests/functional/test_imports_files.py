"""Files of any size go through the work bucket as streams."""

from __future__ import annotations

import random

import pytest
from botocore.exceptions import ClientError, ResponseStreamingError

from chalicelib.core.aws import objects, telemetry
from chalicelib.core.errors import Unavailable
from chalicelib.imports import files
from tests.functional.faults import failing


@pytest.mark.slow
def test_what_is_written_in_blocks_of_any_size_is_read_back(aws):
    sizes = random.Random(7)
    blocks = [bytes([number % 251]) * sizes.randrange(900_000) for number in range(40)]
    with telemetry.recording() as calls:
        size = objects.write("large", iter(blocks))
    assert size == sum(map(len, blocks))
    assert b"".join(objects.blocks("large")) == b"".join(blocks)
    assert max(len(block) for block in objects.blocks("large")) <= objects.BLOCK_BYTES
    assert len(calls.of("UploadPart")) == -(-size // (8 * 1024**2))


def test_a_small_file_is_put_in_one_call(aws):
    with telemetry.recording() as calls:
        assert objects.write("small", [b"a", b"", b"b"]) == 2
        assert objects.write("empty", []) == 0
    assert calls.names == ["PutObject", "PutObject"]
    assert (objects.read("small"), objects.read("empty")) == (b"ab", b"")


def test_a_stream_that_breaks_off_is_read_again_from_its_beginning(aws):
    class Torn:
        def iter_chunks(self, _size: int):
            yield b"some"
            raise ResponseStreamingError(error="connection reset")

    with pytest.raises(Unavailable, match="S3 stopped sending"):
        list(objects.streamed(Torn()))


def test_an_upload_that_is_throttled_is_no_refusal(aws):
    with failing("s3", "GetObject", "SlowDown", 503), pytest.raises(ClientError, match="SlowDown"):
        files.open_upload("any", "any", "null")
