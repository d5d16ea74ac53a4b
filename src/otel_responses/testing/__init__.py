"""Tools for testing programs that call the Responses API: a fake API, and the telemetry in memory.

>>> api = FakeResponsesAPI()
>>> with capture() as telemetry:
...     instrument(**telemetry.providers)
...     response = api.client().responses.create(model="gpt-4.1", input="Hello!")
>>> [span["name"] for span in telemetry.spans()]
['chat gpt-4.1']
"""

from otel_responses.testing._api import FakeResponsesAPI
from otel_responses.testing._capture import Capture, capture
from otel_responses.testing._received import ReceivedRequest
from otel_responses.testing._reply import Reply

__all__ = ["Capture", "FakeResponsesAPI", "ReceivedRequest", "Reply", "capture"]
