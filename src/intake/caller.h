#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chat/backend.h"

// Who calls, read from what comes with a call beside its message.
namespace holysheep {

// Every value that came under a name, which is in lower case.
using MetadataValues = absl::InlinedVector<absl::string_view, 1>;
using Metadata = absl::FunctionRef<MetadataValues(absl::string_view name)>;

// Under this name comes who the client's TLS certificate says they are, once
// TLS has verified it; there is nothing if there is no such certificate. No
// client can send it: the names of their metadata have no colon.
inline constexpr absl::string_view kPeerName = ":peer-certificate";

enum class Role { kInvoke, kAdmin };

// Someone who may call.
struct TokenOptions {
  std::string name;
  // The SHA-256 of the token, 64 hex digits.
  std::string sha256_hex;
  std::vector<Role> roles;
  // Unset is `name`.
  std::string scope;
  // In any 60 s; 0 is no limit.
  int64_t requests_per_minute = 0;
  int64_t tokens_per_minute = 0;
};

// Decides who calls and whether they may. Thread-safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // The caller, with their own upstream key from `x-holysheep-api-key` if they
  // sent one. Otherwise UNAUTHENTICATED, which does not tell a missing token
  // from a wrong one; PERMISSION_DENIED without the role; INVALID_ARGUMENT for
  // a malformed key, which it does not show.
  virtual absl::StatusOr<std::shared_ptr<const Caller>> Authenticate(
      Metadata metadata, Role role) const = 0;
};

// Knows callers by `authorization: Bearer TOKEN`; those who send none, by the
// name of their verified certificate, if a token has that name. Without any
// tokens a verified certificate may invoke, and its name is the caller's; one
// without a name may not. Where clients are not asked for `certificates`
// either, everyone is the same nameless caller with every role.
// INVALID_ARGUMENT on `auth.tokens[i]` for a token without a name, or
// with a hash that is none or is there twice.
absl::StatusOr<std::unique_ptr<Authenticator>> NewTokenAuthenticator(
    const std::vector<TokenOptions>& tokens, bool certificates);

}  // namespace holysheep
