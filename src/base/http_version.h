#pragma once

namespace holysheep {

// The version of HTTP that the service speaks to the upstream. Set by
// `upstream.http_version`; the port for calls always speaks HTTP/2.
enum class HttpVersion {
  kAuto,    // HTTP/2 where a TLS server offers it, else HTTP/1.1; by libcurl
            // HTTP/1.1
  kHttp11,  // HTTP/1.1
  kHttp2,   // where a TLS server offers it, else HTTP/1.1; without TLS unasked
};

}  // namespace holysheep
