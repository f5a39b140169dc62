#pragma once

#include <vector>

#include "boost/asio/ip/address.hpp"
#include "boost/asio/ip/tcp.hpp"

// What the headers of this folder pass on without naming Boost.
namespace holysheep::native {

struct Socket {
  boost::asio::ip::tcp::socket tcp;
};

// In the order in which they are to be tried.
struct Addresses {
  std::vector<boost::asio::ip::address> list;
};

}  // namespace holysheep::native
