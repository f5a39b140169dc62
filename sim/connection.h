#pragma once

#include "boost/asio/basic_stream_socket.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "sim/simulator.h"

namespace holysheep::sim {

// A concrete executor; the type-erased one costs time on every operation.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// Serves one client until either side closes the connection, and keeps itself
// alive until then. `simulator` must outlive it.
void ServeConnection(Socket socket, Simulator& simulator);

}  // namespace holysheep::sim
