#include "intake/caller.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/hex.h"
#include "base/sha256.h"

namespace holysheep {
namespace {

// The metadata of a caller's own upstream key, and its bounds.
constexpr absl::string_view kKeyName = "x-holysheep-api-key";
// As base/api_key.h; the upper bound keeps headers small.
constexpr size_t kMinKeyBytes = 20;
constexpr size_t kMaxKeyBytes = 1024;
// The 32 bytes of a SHA-256.
using Digest = std::array<uint64_t, 4>;

// A configured token: its digest, roles and caller. The token itself is never
// stored.
struct KnownCaller {
  Digest digest = {};
  bool may_invoke = false;
  bool may_admin = false;
  std::shared_ptr<const Caller> caller;

  bool Has(Role role) const {
    return role == Role::kAdmin ? may_admin : may_invoke;
  }
};

// Reads `bytes`, which must be as many as a digest has.
Digest DigestOf(absl::string_view bytes) {
  Digest digest;
  std::memcpy(digest.data(), bytes.data(), sizeof(digest));
  return digest;
}

// Takes the same time wherever the digests differ. Compares words, because the
// library's function compares bytes and is ten times as slow.
bool Same(const Digest& a, const Digest& b) {
  return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
}

bool IsVisible(char c) { return c > ' ' && c <= '~'; }

// Returns an empty text if no key was sent.
absl::StatusOr<absl::string_view> UpstreamKeyIn(Metadata metadata) {
  const MetadataValues values = metadata(kKeyName);
  if (values.empty()) return absl::string_view();
  const absl::string_view key = values[0];
  if (values.size() == 1 && key.size() >= kMinKeyBytes &&
      key.size() <= kMaxKeyBytes &&
      std::all_of(key.begin(), key.end(), IsVisible)) {
    return key;
  }
  return InvalidField(
      absl::StrCat("metadata.", kKeyName),
      absl::StrCat("must be one key of ", kMinKeyBytes, " to ", kMaxKeyBytes,
                   " visible ASCII characters without blanks; there are ",
                   values.size(), ", the first ", key.size(), " long"));
}

// Returns an empty text if there is no token, or more than one. Two tokens are
// as bad as none: which one was meant is not guessed.
absl::string_view TokenIn(const MetadataValues& values) {
  constexpr absl::string_view kScheme = "Bearer ";
  if (values.size() != 1 || !absl::StartsWithIgnoreCase(values[0], kScheme)) {
    return {};
  }
  return absl::StripAsciiWhitespace(values[0].substr(kScheme.size()));
}

// Returns a copy of `caller` with the key, so that the shared caller never
// holds it. Nearly all calls have no key of their own and share one object.
absl::StatusOr<std::shared_ptr<const Caller>> WithUpstreamKey(
    std::shared_ptr<const Caller> caller, Metadata metadata) {
  const absl::StatusOr<absl::string_view> key = UpstreamKeyIn(metadata);
  if (!key.ok()) return key.status();
  if (key->empty()) return caller;
  auto own = std::make_shared<Caller>(*caller);
  own->upstream_key = std::string(*key);
  return own;
}

// Used without tokens: a verified certificate identifies its holder, who may
// invoke; without certificates everyone may do everything.

class AnonymousAuthenticator final : public Authenticator {
 public:
  explicit AnonymousAuthenticator(bool certificates)
      : certificates_(certificates) {}

  absl::StatusOr<std::shared_ptr<const Caller>> Authenticate(
      Metadata metadata, Role role) const override {
    const MetadataValues peer = metadata(kPeerName);
    if (peer.empty() && certificates_) {
      return MakeError(Reason::kUnauthenticated,
                       "the client's certificate has no name");
    }
    if (peer.empty()) return WithUpstreamKey(anyone_, metadata);
    if (role == Role::kAdmin) {
      return MakeError(Reason::kPermissionDenied,
                       "a certificate has the role admin only where its entry "
                       "in auth.tokens, `cert:NAME`, has it");
    }
    auto named = std::make_shared<Caller>();
    named->name = named->scope = named->credential =
        absl::StrCat(kCertificateKind, peer[0]);
    return WithUpstreamKey(std::move(named), metadata);
  }

  // Tokens that have gone are no longer needed.
  bool Knows(const Caller& caller) const override {
    return !certificates_ ||
           absl::StartsWith(caller.credential, kCertificateKind);
  }

 private:
  const bool certificates_;
  const std::shared_ptr<const Caller> anyone_ = std::make_shared<Caller>();
};

// Returns nothing unless `hex` consists of the digits of a digest.
std::optional<Digest> DigestOfHex(absl::string_view hex) {
  const auto bytes = BytesOfHex(hex);
  if (!bytes.has_value() || bytes->size() != sizeof(Digest)) return {};
  return DigestOf(*bytes);
}

// REQUIRES: `token` has been checked.
KnownCaller MakeKnown(const TokenOptions& token) {
  KnownCaller known;
  if (!token.IsCertificate()) known.digest = *DigestOfHex(token.sha256);
  known.may_invoke = token.may_invoke;
  known.may_admin = token.may_administer;
  auto caller = std::make_shared<Caller>();
  caller->name = token.name;
  caller->credential = token.IsCertificate() ? token.name : token.sha256;
  caller->scope = token.scope.empty() ? token.name : token.scope;
  caller->limits = token.limits;
  known.caller = std::move(caller);
  return known;
}

// Used with tokens. A token that is sent decides alone: a wrong one is not
// replaced by a valid certificate.

// Invariant: the digests in `known_` are distinct, so at most one matches.
class TokenAuthenticator final : public Authenticator {
 public:
  explicit TokenAuthenticator(const std::vector<TokenOptions>& checked) {
    for (const TokenOptions& token : checked) {
      if (token.IsCertificate()) {
        certificates_.emplace(token.name, MakeKnown(token));
      } else {
        known_.push_back(MakeKnown(token));
      }
    }
  }

  absl::StatusOr<std::shared_ptr<const Caller>> Authenticate(
      Metadata metadata, Role role) const override {
    const MetadataValues sent = metadata("authorization");
    const KnownCaller* known = sent.empty() ? FindNamed(metadata(kPeerName))
                                            : FindToken(TokenIn(sent));
    if (known == nullptr) {
      return MakeError(Reason::kUnauthenticated,
                       "a valid token is required, as the metadata "
                       "`authorization: Bearer TOKEN`, or a certificate with "
                       "an entry `cert:NAME` in auth.tokens");
    }
    if (!known->Has(role)) {
      return MakeError(Reason::kPermissionDenied,
                       absl::StrCat("the token does not have the role ",
                                    role == Role::kAdmin ? "admin" : "invoke"));
    }
    return WithUpstreamKey(known->caller, metadata);
  }

  bool Knows(const Caller& caller) const override {
    const auto named = certificates_.find(caller.credential);
    if (named != certificates_.end()) return named->second.may_invoke;
    return std::any_of(known_.begin(), known_.end(),
                       [&caller](const KnownCaller& known) {
                         return known.may_invoke &&
                                known.caller->credential == caller.credential;
                       });
  }

 private:
  const KnownCaller* FindNamed(const MetadataValues& peer) const {
    if (peer.empty()) return nullptr;
    const auto found =
        certificates_.find(absl::StrCat(kCertificateKind, peer[0]));
    return found == certificates_.end() ? nullptr : &found->second;
  }

  // The loop takes the same time whichever token matches, and whether one does.
  const KnownCaller* FindToken(absl::string_view token) const {
    const Digest digest = DigestOf(Sha256(token));
    const KnownCaller* found = nullptr;
    for (const KnownCaller& known : known_) {
      found = Same(known.digest, digest) ? &known : found;
    }
    // The absence of a token never matches, not even the configured hash of an
    // empty text.
    return token.empty() ? nullptr : found;
  }

  std::vector<KnownCaller> known_;
  // By the caller's name.
  absl::flat_hash_map<std::string, KnownCaller> certificates_;
};

// Returns OK if the token at `path` is valid; `hashes` are those before it.
absl::Status CheckToken(const TokenOptions& token, const std::string& path,
                        absl::flat_hash_map<Digest, std::string>& hashes) {
  if (token.name.empty() || token.name == kCertificateKind) {
    return InvalidField(path + ".name", "must not be empty");
  }
  if (token.IsCertificate()) {
    if (token.sha256.empty()) return absl::OkStatus();
    return InvalidField(path + ".sha256", "must not be given with a cert:NAME");
  }
  const auto digest = DigestOfHex(token.sha256);
  if (!digest.has_value()) {
    return InvalidField(path + ".sha256", "must be 64 hex digits");
  }
  const auto [earlier, is_new] = hashes.emplace(*digest, token.name);
  if (is_new) return absl::OkStatus();
  return InvalidField(path + ".sha256",
                      absl::StrCat("is that of ", earlier->second));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Authenticator>> NewTokenAuthenticator(
    const std::vector<TokenOptions>& tokens, bool certificates) {
  if (tokens.empty()) {
    return std::make_unique<AnonymousAuthenticator>(certificates);
  }
  absl::flat_hash_map<Digest, std::string> hashes;
  for (size_t i = 0; i < tokens.size(); ++i) {
    absl::Status status =
        CheckToken(tokens[i], absl::StrCat("auth.tokens[", i, "]"), hashes);
    if (!status.ok()) return status;
  }
  return std::make_unique<TokenAuthenticator>(tokens);
}

}  // namespace holysheep
