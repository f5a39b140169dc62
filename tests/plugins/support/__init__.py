"""What the plugin tests start and talk to: the real SDK, as Dify starts it."""
