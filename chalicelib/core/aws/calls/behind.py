"""botocore, behind our own calls: for operations that we do not speak, and for whatever is set up in its ways.

It is loaded when it is first needed.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import telemetry
from chalicelib.core.aws.calls.connections import CONNECT_SECONDS, IDLE_CONNECTIONS

if TYPE_CHECKING:
    import botocore.session

REGIONAL_HOSTS = {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}
"""S3 by `<bucket>.s3.<region>.amazonaws.com`, in links and forms too. By default botocore signs those for the global
host, which redirects in a bucket's first hours and does not serve the regions that were opened since 2019:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#VirtualHostingBackwardsCompatibility.
Where `AWS_ENDPOINT_URL` names an IP address, the bucket is in the path."""

_making = Lock()


@cache
def session() -> botocore.session.Session:
    """The one session, whose calls telemetry counts."""
    import botocore.session

    new_session = botocore.session.Session()
    telemetry.listen(new_session.get_component("event_emitter"))
    return new_session


def client(service: str, read_seconds: int, attempts: int) -> Any:
    """A client of botocore, by botocore's name of the service. To make one takes tens of milliseconds."""
    from botocore.config import Config

    with _making:  # a session makes one at a time
        return session().create_client(
            service,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=read_seconds,
                retries={"mode": "standard", "total_max_attempts": attempts},
                # Links are signed as every region takes it; botocore's own choice for S3 is older.
                signature_version="s3v4" if service == "s3" else None,
                s3=REGIONAL_HOSTS,
                parameter_validation=service != "dynamodb",
                max_pool_connections=IDLE_CONNECTIONS,
                tcp_keepalive=True,
            ),
        )
