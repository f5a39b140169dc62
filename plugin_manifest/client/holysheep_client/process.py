"""A plugin process in which gRPC works.

The SDK patches Python's sockets and threads for gevent when it is imported;
gRPC does its work in native threads and hangs in such a process unless it is
told so after that and before the first channel. Hence the order of the imports.
"""

import dify_plugin
from grpc.experimental import gevent as grpc_gevent

grpc_gevent.init_gevent()

# Dify itself ends a plugin's call after so long.
LONGEST_CALL_SECONDS = 600

plugin = dify_plugin.Plugin(dify_plugin.DifyPluginEnv(MAX_REQUEST_TIMEOUT=LONGEST_CALL_SECONDS))
