#pragma once

#include <string>

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

inline pb::InvokeEvent Text(const std::string& text) {
  pb::InvokeEvent event;
  event.set_text(text);
  return event;
}

// An answer as the service gives it after a paid call.
inline pb::InvokeResponse Answer(const std::string& text) {
  pb::InvokeResponse response;
  response.set_result(text);
  response.set_latency_ms(42.3);
  response.set_model_used("deepseek-v3.2");
  response.set_tokens_used(1234);
  response.set_finish_reason(pb::InvokeResponse::STOP);
  response.mutable_cost()->set_total("0.00051828");
  response.mutable_cost()->set_official("0.0034552");
  response.mutable_cost()->set_saved("0.00293692");
  response.mutable_cost()->set_currency("USD");
  response.mutable_cache_info()->set_outcome(pb::CacheInfo::MISS);
  return response;
}

inline pb::InvokeEvent Final(const pb::InvokeResponse& response) {
  pb::InvokeEvent event;
  *event.mutable_final() = response;
  return event;
}

}  // namespace holysheep::cli
