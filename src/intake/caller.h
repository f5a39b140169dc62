#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chat/backend.h"
#include "intake/token_options.h"

// Identifies callers by the metadata of their calls.
namespace holysheep {

// All values of a metadata name, which is in lower case. Views into the call's
// metadata, valid as long as the call.
using MetadataValues = absl::InlinedVector<absl::string_view, 1>;
// It hides gRPC from the intake; tests pass a map.
using Metadata = absl::FunctionRef<MetadataValues(absl::string_view name)>;

// The name under which the identity in the client's verified TLS certificate is
// found; absent without such a certificate. Clients cannot send it, because
// metadata names have no colon.
inline constexpr absl::string_view kPeerName = ":peer-certificate";

// kInvoke may use LlmNode, kAdmin NodeAdmin; a caller may have both.
enum class Role { kInvoke, kAdmin };

// Decides who calls and whether they may. Thread-safe. Immutable: a reload
// makes another one.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // Returns the caller, with their own upstream key if they sent one in
  // `x-holysheep-api-key`. Otherwise UNAUTHENTICATED, which does not
  // distinguish a missing token from a wrong one; PERMISSION_DENIED without the
  // role; INVALID_ARGUMENT for a malformed key, which is not shown. Compares
  // digests in a time that does not depend on the token, linear in the number
  // of tokens.
  virtual absl::StatusOr<std::shared_ptr<const Caller>> Authenticate(
      Metadata metadata, Role role) const = 0;

  // Whether `caller`, which this or an earlier authenticator has returned, may
  // still invoke with what they were recognised by.
  virtual bool Knows(const Caller& caller) const = 0;
};

// Identifies callers by `authorization: Bearer TOKEN`, or, if they send no
// token, by the name of their verified certificate, NAME, provided that
// `tokens` has an entry `cert:NAME`: names of tokens and of certificates are of
// different kinds. Without any tokens a verified certificate with a name may
// invoke, as the caller `cert:NAME`. If clients are not asked for
// `certificates` either, everyone is the same nameless caller with every role.
// Returns INVALID_ARGUMENT on `auth.tokens[i]` for a token without a name, or
// whose hash is invalid or a duplicate, and for a certificate with one.
absl::StatusOr<std::unique_ptr<Authenticator>> NewTokenAuthenticator(
    const std::vector<TokenOptions>& tokens, bool certificates);

}  // namespace holysheep
