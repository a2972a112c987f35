"""Where a service is reached: in the region, or where `AWS_ENDPOINT_URL` says.

What is set beside that (FIPS, dual stack, proxies, endpoints in a configuration file, regions of other forms) only
botocore resolves, and then calls go through it: `resolve` returns None.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

_UNUSUAL = (
    *("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
)

_ABOUT_ENDPOINTS = ("endpoint", "dualstack", "ca_bundle", "services", "s3")
"""Words of a configuration file that may change where a service is reached, or how."""

_SUFFIXES = (
    (re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d"), "amazonaws.com"),
    (re.compile(r"us-gov-[a-z]+-\d"), "amazonaws.com"),
    (re.compile(r"cn-[a-z]+-\d"), "amazonaws.com.cn"),
)
"""Of the partitions `aws`, `aws-us-gov` and `aws-cn`."""


@dataclass(frozen=True)
class Endpoint:
    """Where a service is reached."""

    is_secure: bool
    host: str
    port: int
    region: str
    path: str = ""
    """What is before the path of every request."""

    @property
    def has_bucket_in_path(self) -> bool:
        """Whether S3's buckets are in the path, because the host is an IP address."""
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True

    def authority(self, bucket: str) -> str:
        """The value of the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        host = host if not bucket or self.has_bucket_in_path else f"{bucket}.{host}"
        return host if self.port == (443 if self.is_secure else 80) else f"{host}:{self.port}"

    def full_path(self, path: str, bucket: str) -> str:
        return f"{self.path}/{bucket}{path}" if bucket and self.has_bucket_in_path else self.path + path


def resolve(prefix: str, variable: str) -> Endpoint | None:
    """The endpoint of a service, by the first label of its hosts and the end of its variable
    (`AWS_ENDPOINT_URL_<variable>`); None where only botocore can tell."""
    region = os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION") or ""
    if not region or _is_unusual():
        return None
    url = os.environ.get(f"AWS_ENDPOINT_URL_{variable}") or os.environ.get("AWS_ENDPOINT_URL")
    if url:
        parts = urlsplit(url)
        is_secure = parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        return Endpoint(is_secure, parts.hostname or "", port, region, parts.path.rstrip("/"))
    suffix = next((suffix for form, suffix in _SUFFIXES if form.fullmatch(region)), None)
    return (suffix and Endpoint(True, f"{prefix}.{region}.{suffix}", 443, region)) or None


def _is_unusual() -> bool:
    if any(os.environ.get(name) or os.environ.get(name.lower()) for name in _UNUSUAL):
        return True
    file = Path(os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
    if not file.exists():
        return False
    text = file.read_text("utf-8", "replace")
    return any(word in text for word in _ABOUT_ENDPOINTS)
