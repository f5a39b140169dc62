"""What the tests of watching start: Prometheus, and a load run for it to see."""
