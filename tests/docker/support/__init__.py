"""The built image, containers of it, and what Docker Compose makes of our files."""
