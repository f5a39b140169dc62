"""What the end-to-end tests start and talk to: real processes, black boxes."""
