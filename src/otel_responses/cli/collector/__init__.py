"""`otel-responses collector`: the configuration that travels in the package, checked and run with a real Collector."""
