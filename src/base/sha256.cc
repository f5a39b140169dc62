#include "base/sha256.h"

#include <memory>

#include "openssl/evp.h"
#include "openssl/sha.h"

namespace holysheep {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Context NewContext() {
  Context context(EVP_MD_CTX_new());
  EVP_DigestInit_ex2(context.get(), EVP_sha256(), nullptr);
  return context;
}

}  // namespace

std::string Sha256(absl::string_view data) {
  // A thread keeps its context. Making one for each digest takes half as long
  // again for a short text, and looking the algorithm up each time three times
  // as long.
  thread_local const Context context = NewContext();
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  EVP_DigestInit_ex2(context.get(), nullptr, nullptr);
  EVP_DigestUpdate(context.get(), data.data(), data.size());
  EVP_DigestFinal_ex(context.get(),
                     reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

}  // namespace holysheep
