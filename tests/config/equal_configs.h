#pragma once

#include "config/config.h"
#include "gtest/gtest.h"

namespace holysheep::config {

inline void ExpectEqual(const Config& a, const Config& b) {
  EXPECT_EQ(a.listen, b.listen);
  EXPECT_EQ(a.http_listen, b.http_listen);
  EXPECT_TRUE(a.upstream == b.upstream);
  EXPECT_TRUE(a.connections == b.connections);
  EXPECT_EQ(a.transport, b.transport);
  EXPECT_EQ(a.total_timeout, b.total_timeout);
  EXPECT_TRUE(a.cache == b.cache);
  EXPECT_TRUE(a.limits == b.limits);
  EXPECT_TRUE(a.admission == b.admission);
  EXPECT_EQ(a.batch_in_flight, b.batch_in_flight);
  EXPECT_EQ(a.batch_patience, b.batch_patience);
  EXPECT_EQ(a.max_connections, b.max_connections);
  EXPECT_EQ(a.max_memory, b.max_memory);
  EXPECT_TRUE(a.retry == b.retry);
  EXPECT_TRUE(a.breaker == b.breaker);
  EXPECT_EQ(a.default_model, b.default_model);
  EXPECT_EQ(a.models.size(), b.models.size());
  EXPECT_EQ(a.routing.size(), b.routing.size());
  EXPECT_TRUE(a.auth == b.auth);
  EXPECT_TRUE(a.apps == b.apps);
  EXPECT_TRUE(a.tls == b.tls);
  EXPECT_TRUE(a.ledger == b.ledger);
  EXPECT_TRUE(a.log == b.log);
  EXPECT_EQ(a.reflection, b.reflection);
  EXPECT_EQ(a.drain_timeout, b.drain_timeout);
  EXPECT_EQ(a.warnings, b.warnings);
}

}  // namespace holysheep::config
