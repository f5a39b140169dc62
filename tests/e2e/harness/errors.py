"""What an error of the service says beside its code."""

import contextlib

import grpc
import pytest
from google.protobuf import any_pb2  # noqa: F401  (a dependency of the details)

DOMAIN = "holysheep.ai"


class Refusal:
    """A gRPC error with its google.rpc details; filled in by `refused`."""

    def read(self, error):
        from google.rpc import error_details_pb2 as rpc

        self.code = error.code()
        self.message = error.details()
        self.info = rpc.ErrorInfo()
        self.retry = None
        self.fields, self.quota = [], []
        trailer = dict(error.trailing_metadata() or ())
        status = rpc.Status.FromString(trailer.get("grpc-status-details-bin", b""))
        for detail in status.details:
            kind = detail.TypeName()
            if kind == "google.rpc.ErrorInfo":
                detail.Unpack(self.info)
            elif kind == "google.rpc.RetryInfo":
                self.retry = rpc.RetryInfo.FromString(detail.value).retry_delay.ToTimedelta()
            elif kind == "google.rpc.BadRequest":
                bad = rpc.BadRequest.FromString(detail.value)
                self.fields += [violation.field for violation in bad.field_violations]
            elif kind == "google.rpc.QuotaFailure":
                quota = rpc.QuotaFailure.FromString(detail.value)
                self.quota += [(v.subject, v.description) for v in quota.violations]
        self.reason = self.info.reason
        return self


def refusal_of(error):
    return Refusal().read(error)


@contextlib.contextmanager
def refused(code, reason, field=None):
    """Expects a call to fail so, with the details of the contract."""
    refusal = Refusal()
    with pytest.raises(grpc.RpcError) as caught:
        yield refusal
    refusal.read(caught.value)
    assert (refusal.code, refusal.reason) == (getattr(grpc.StatusCode, code), reason), \
        f"{refusal.code} {refusal.reason}: {refusal.message}"
    assert refusal.info.domain == DOMAIN
    assert refusal.message
    if field is not None:
        assert refusal.fields == [field]
