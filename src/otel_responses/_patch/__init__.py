"""The patch layer: the only place that knows wrapt and the openai classes."""
