"""What a program would find around it: the variables, and what our settings make of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from otel_responses.cli.doctor.findings import heard
from otel_responses.config import Config

__all__ = ["Surroundings"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The environment, read once.

    Attributes:
        environ: The variables.
        config: The settings in force.
        refused: What was said of values that are not allowed; it is said once a process.
    """

    environ: Mapping[str, str]
    config: Config
    refused: tuple[str, ...] = ()

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Surroundings:
        with heard() as said:
            config = Config.from_env(environ)
        return cls(environ, config, tuple(said))

    def variable(self, name: str) -> str:
        """The value without blanks around it; empty where it is not set."""
        return self.environ.get(name, "").strip()
