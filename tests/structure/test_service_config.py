"""Clients of several instances: what they tell gRPC stands where each can read it."""

import json
import re

from project import ROOT

PLACES = {
    "src/cli/client/channel.cc": r'kSeveral\[\] = R"\((.*?)\)"',
    "plugin_manifest/client/holysheep_client/channels.py": r'_SERVICE_CONFIG = """(.*?)"""',
    "docs/deploy.md": r"```json\n(\{\"loadBalancingConfig.*?)```",
}


def test_the_service_config_is_the_same_everywhere():
    configs = [json.loads(re.search(pattern, (ROOT / place).read_text(), re.DOTALL)[1])
               for place, pattern in PLACES.items()]
    assert configs[0] == configs[1] == configs[2]
