"""What the tests of monitoring start: Prometheus, and a load run for it to see."""
