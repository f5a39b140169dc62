"""The service's reasons, and failures without one, as the kinds that Dify tells apart."""

import importlib
import re
import types

import grpc
import pytest
import stage

Code = grpc.StatusCode
PEER = {"address": "node:1"}


@pytest.fixture(scope="module")
def errors(api):
    return importlib.import_module("holysheep_client.errors")


@pytest.fixture(scope="module")
def details(api):
    return importlib.import_module("holysheep_client.stubs.error_details_pb2")


def catalogue():
    """The reasons that the service can give."""
    source = (stage.ROOT / "src/base/reasons.cc").read_text()
    return sorted(set(re.findall(r'Row\(Reason::\w+,\s*"(\w+)",\s*Code::', source)))


def failure(details, code, reason=None):
    """What gRPC raises; with a reason if it is the service's."""
    status = details.Status(code=code.value[0], message="no")
    if reason:
        status.details.add().Pack(details.ErrorInfo(reason=reason, domain="holysheep.ai"))
    trailers = (("grpc-status-details-bin", status.SerializeToString()),) if reason else ()
    return types.SimpleNamespace(code=lambda: code, details=lambda: "no",
                                 trailing_metadata=lambda: trailers)


def test_every_reason_of_the_service_is_known(errors):
    reasons = catalogue()
    assert len(reasons) > 20
    assert [reason for reason in reasons if reason not in errors._BY_REASON] == []


@pytest.mark.parametrize(("code", "kind"), [
    (Code.RESOURCE_EXHAUSTED, "RATE_LIMIT"), (Code.UNAVAILABLE, "UNAVAILABLE"),
    (Code.INTERNAL, "UNAVAILABLE"), (Code.DEADLINE_EXCEEDED, "CONNECTION"),
    (Code.INVALID_ARGUMENT, "BAD_REQUEST"), (Code.FAILED_PRECONDITION, "BAD_REQUEST"),
    (Code.PERMISSION_DENIED, "AUTHORIZATION")])
def test_a_reason_that_is_new_goes_by_its_code(errors, details, code, kind):
    error = errors.from_rpc(failure(details, code, "NEW_REASON"), errors.Peer(**PEER))
    assert (error.kind.name, error.reason) == (kind, "NEW_REASON")
    assert "NEW_REASON" in str(error)


@pytest.mark.parametrize(("code", "kind"), [
    # A message too large.
    (Code.RESOURCE_EXHAUSTED, "BAD_REQUEST"),
    (Code.UNAVAILABLE, "CONNECTION"), (Code.CANCELLED, "CONNECTION"),
    (Code.UNIMPLEMENTED, "BAD_REQUEST"), (Code.UNKNOWN, "UNAVAILABLE")])
def test_a_failure_without_a_reason_is_the_connections(errors, details, code, kind):
    error = errors.from_rpc(failure(details, code), errors.Peer(**PEER))
    assert (error.kind.name, error.reason) == (kind, "")


@pytest.mark.parametrize("code", [Code.RESOURCE_EXHAUSTED, Code.UNAVAILABLE])
def test_an_error_that_comes_as_a_value_goes_the_same_way(errors, api, code):
    value = api.chat_pb2.Error(reason="NEW_REASON", code=code.name, message="no")
    assert errors.from_value(value).kind.name == {
        Code.RESOURCE_EXHAUSTED: "RATE_LIMIT", Code.UNAVAILABLE: "UNAVAILABLE"}[code]
