"""Where Dify starts the plugin."""

from holysheep_client.process import plugin

if __name__ == "__main__":
    plugin.run()
