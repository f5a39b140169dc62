#pragma once

namespace holysheep {

enum class HttpVersion {
  kAuto,    // the one that the service chooses: HTTP/1.1
  kHttp11,  // HTTP/1.1
  kHttp2,   // where a TLS server offers it, else HTTP/1.1; without TLS unasked
};

}  // namespace holysheep
