#pragma once

namespace holysheep {

enum class HttpVersion {
  kAuto,    // HTTP/2 where a TLS server offers it, else HTTP/1.1
  kHttp11,  // HTTP/1.1
  kHttp2,   // like kAuto, but HTTP/2 without asking where there is no TLS
};

}  // namespace holysheep
