"""What both plugins share: how to reach the HolySheep node service over gRPC.

settings   the credentials of a plugin, checked
channels   one channel for each address
node       the calls, each with a deadline
errors     what can go wrong, in one class
dify       the same in the terms of Dify's SDK
process    a plugin process in which gRPC works

The source is `plugin_manifest/client`; scripts/package-plugins copies it into
both packages and adds `stubs`, generated from the service's .proto files.
"""
