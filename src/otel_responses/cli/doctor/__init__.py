"""`otel-responses doctor`: what keeps data away, as far as it can be seen from beside the program."""
