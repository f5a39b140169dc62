#include "base/sha256.h"

#include "openssl/evp.h"
#include "openssl/sha.h"

namespace holysheep {

std::string Sha256(absl::string_view data) {
  // Looking the algorithm up takes three times as long as a short digest.
  static const EVP_MD* const algorithm =
      EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  EVP_Digest(data.data(), data.size(),
             reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             algorithm, nullptr);
  return digest;
}

}  // namespace holysheep
