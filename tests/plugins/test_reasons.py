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


CLASSES = {"InvokeAuthorizationError": "AUTHORIZATION", "InvokeRateLimitError": "RATE_LIMIT",
           "InvokeBadRequestError": "BAD_REQUEST", "InvokeConnectionError": "CONNECTION",
           "InvokeServerUnavailableError": "UNAVAILABLE"}


def catalogue():
    """(reason, code) of every error that the service can give."""
    source = (stage.ROOT / "src/base/reasons.cc").read_text()
    rows = re.findall(r'Row\(Reason::\w+,\s*"(\w+)",\s*Code::k(\w+)', source)
    return [(name, Code[re.sub(r"(?<!^)(?=[A-Z])", "_", code).upper()]) for name, code in rows]


def documented():
    """reason -> kind, as docs/dify.md has them."""
    table = re.findall(r"^\| (Invoke\w+) \| ([^;|]*)", (stage.ROOT / "docs/dify.md").read_text(), re.MULTILINE)
    return {reason: CLASSES[name] for name, reasons in table for reason in re.findall(r"[A-Z0-9_]{5,}", reasons)}


def failure(details, code, reason=None):
    """What gRPC raises; with a reason if it is the service's."""
    status = details.Status(code=code.value[0], message="no")
    if reason:
        status.details.add().Pack(details.ErrorInfo(reason=reason, domain="holysheep.ai"))
    trailers = (("grpc-status-details-bin", status.SerializeToString()),) if reason else ()
    return types.SimpleNamespace(code=lambda: code, details=lambda: "no",
                                 trailing_metadata=lambda: trailers)


@pytest.mark.parametrize(("reason", "code"), catalogue())
def test_every_reason_of_the_service_is_of_the_documented_kind(errors, details, reason, code):
    error = errors.from_rpc(failure(details, code, reason), errors.Peer(**PEER))
    rest = "CONNECTION" if reason.endswith("_TIMEOUT") else "UNAVAILABLE"
    assert error.kind.name == documented().get(reason, rest)


def test_every_documented_reason_is_one(errors):
    assert set(documented()) - {name for name, _ in catalogue()} == set()
    assert len(documented()) > 10


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


# Its message names the field and what it may be.
SAYS_IT_ITSELF = {"INVALID_ARGUMENT"}


@pytest.mark.parametrize(("reason", "code"), catalogue())
def test_every_reason_of_the_service_comes_with_what_to_do(errors, details, reason, code):
    text = str(errors.from_rpc(failure(details, code, reason), errors.Peer(**PEER)))
    assert text.startswith(f"{reason}: no.")
    assert len(text) > len(f"{reason}: no. ") or reason in SAYS_IT_ITSELF


def test_when_to_try_again_is_said_once(api, errors):
    error = api.chat_pb2.Error(code="UNAVAILABLE", reason="CIRCUIT_OPEN", message="no",
                               retry_after_ms=1500)
    assert str(errors.from_value(error)) == \
        "CIRCUIT_OPEN: no. Try again in 1.5 s, or use another model."


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.OK])
@pytest.mark.parametrize("said", ["", "Connection refused", "hostname lookup failed",
                                  "WRONG_VERSION_NUMBER", "CERTIFICATE_VERIFY_FAILED", "handshake",
                                  "timed out"])
def test_a_failure_without_a_reason_is_one_sentence_with_what_to_do(errors, code, said):
    error = types.SimpleNamespace(code=lambda: code, details=lambda: said,
                                  trailing_metadata=lambda: ())
    text = str(errors.from_rpc(error, errors.Peer(**PEER)))
    assert text.endswith(".") and ". " not in text
    assert re.search(r"[:;,] (if|check|try|send|else)", text), text
