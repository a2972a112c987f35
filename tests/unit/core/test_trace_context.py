"""Which trace a request belongs to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.http.trace_context import traceparent

W3C = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
XRAY = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
OF_XRAY = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"traceparent": W3C}, W3C),
        ({"traceparent": W3C, "x-amzn-trace-id": XRAY}, W3C),
        ({"traceparent": "nonsense", "x-amzn-trace-id": XRAY}, OF_XRAY),
        ({"x-amzn-trace-id": XRAY}, OF_XRAY),
        ({"x-amzn-trace-id": XRAY.replace("Sampled=1", "Sampled=0;Lineage=1:a:0")}, OF_XRAY[:-1] + "0"),
        ({"x-amzn-trace-id": XRAY.replace(";Sampled=1", "")}, OF_XRAY[:-1] + "0"),
        ({"x-amzn-trace-id": XRAY.partition(";")[0]}, ""),
        ({}, ""),
    ],
)
def test_a_request_s_own_trace_counts_and_else_that_of_x_ray(headers, expected):
    assert traceparent(headers) == expected


def test_lambda_names_the_trace_of_each_invocation(monkeypatch):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", XRAY)
    assert traceparent({"x-amzn-trace-id": "Root=1-00000000-000000000000000000000001"}) == OF_XRAY


@pytest.mark.parametrize(
    "given",
    [
        W3C.upper(),
        W3C + "-more",
        W3C + "\n",
        W3C.replace("00-4bf", "ff-4bf"),
        W3C.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        W3C.replace("00f067aa0ba902b7", "0" * 16),
    ],
)
def test_what_is_no_trace_of_the_standard_is_none(given):
    assert traceparent({"traceparent": given}) == ""


@given(st.text(), st.text())
def test_nothing_else_is_carried_on(given, xray):
    assert traceparent({"traceparent": given, "x-amzn-trace-id": xray}) == ""
