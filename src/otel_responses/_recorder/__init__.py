"""Hands calls to OpenTelemetry: the only layer that knows a tracer and a meter. API only, never the SDK."""
