"""What the demo's fake API answers: replies to the program's calls, in their order, at the pace of the real one."""

from __future__ import annotations

import json
from typing import Any

from otel_responses.testing import FakeResponsesAPI, Reply

__all__ = ["scripted_api"]

TIPS = (
    "Take tram 28 up to the castle early in the morning, see the tile museum, and leave a day for the palaces of "
    "Sintra. In the evening there is fado in Alfama."
)
CONCERTS = "Two stand out in that week: a fado night in Alfama on Wednesday, and an open-air orchestra on Friday."
POLICY = "Up to 140 euros a night, breakfast included; more needs the consent of your manager."
PICTURE = "A boardwalk through a meadow under a blue sky. It looks like a nature reserve, and no city is in sight."
RATINGS = {"1.jpg": "sharp, good light", "2.jpg": "the horizon is tilted"}
PLAN = (
    "Saturday: tram 28 to the castle, then downhill through Alfama to dinner. Sunday: the tile museum, the train to "
    "the beach at Cascais, and dinner by the station."
)
LETTER = (
    "Dear Ana, on Friday we take tram 28 up to the castle and walk down through Alfama for dinner. On Saturday it "
    "rains, so the tile museum comes first, and the aquarium after lunch. On Sunday the train brings us to the beach "
    "at Cascais. Bring good shoes: Lisbon has seven hills, and we shall climb most of them."
)
POEM = "Seven hills, and a tram that sings on every bend of the rails."
CONCERTS_PAGE = {"title": "Lisbon in May", "url": "https://events.example.com/lisbon/may"}
POLICY_FILE = {"file_id": "file-0001", "filename": "travel-policy.pdf"}
Item = dict[str, Any]


def scripted_api() -> FakeResponsesAPI:
    """The fake API with all its replies."""
    api = FakeResponsesAPI()
    api.enqueue(
        _answer(_text(TIPS), tokens=(36, 87)).slow(delay=0.6),
        _answer(_web_search(), _cited_page(), tokens=(328, 356)).slow(delay=1.6),
        Reply.error(429, retry_after=0.4),
        _answer(_file_search(), _cited_file(), tokens=(18_307, 348), cached=1_152).slow(delay=0.9),
        _answer(_text(PICTURE), tokens=(328, 52)).slow(delay=1.1),
        _answer(_text(json.dumps(RATINGS)), tokens=(41, 26)).slow(delay=0.4),
        _answer(_reasoning(), _text(PLAN), tokens=(81, 1_035), reasoning=832).slow(delay=2.2),
        _answer(_function_call(), tokens=(291, 23)).slow(delay=0.5),
        _answer(_text(LETTER), tokens=(1_377, 78), cached=1_024).slow(delay=0.3, interval=0.02),
        _answer(_text(POEM), tokens=(1_459, 64)).slow(delay=0.3, interval=0.02),
        Reply.failed().slow(delay=0.7),
    )
    return api


def _answer(*items: Item, tokens: tuple[int, int], cached: int = 0, reasoning: int = 0) -> Reply:
    input_tokens, output_tokens = tokens
    usage = {
        "input_tokens": input_tokens,
        "input_tokens_details": {"cached_tokens": cached},
        "output_tokens": output_tokens,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": input_tokens + output_tokens,
    }
    return Reply.answer(output=list(items), usage=usage)


def _text(text: str, *annotations: Item) -> Item:
    part = {"type": "output_text", "text": text, "annotations": list(annotations), "logprobs": []}
    return {"id": "msg_demo", "type": "message", "status": "completed", "role": "assistant", "content": [part]}


def _cited_page() -> Item:
    return _text(CONCERTS, {"type": "url_citation", "start_index": 0, "end_index": len(CONCERTS), **CONCERTS_PAGE})


def _cited_file() -> Item:
    return _text(POLICY, {"type": "file_citation", "index": len(POLICY) - 1, **POLICY_FILE})


def _web_search() -> Item:
    action = {"type": "search", "query": "concerts Lisbon second week of May"}
    return {"id": "ws_demo", "type": "web_search_call", "status": "completed", "action": action}


def _file_search() -> Item:
    queries = ["hotel price limit", "hotel breakfast"]
    return {"id": "fs_demo", "type": "file_search_call", "status": "completed", "queries": queries, "results": None}


def _reasoning() -> Item:
    """The program asks for no summary: nothing of the reasoning comes back, only its tokens."""
    return {"id": "rs_demo", "type": "reasoning", "summary": []}


def _function_call() -> Item:
    arguments = json.dumps({"city": "Lisbon", "day": "Saturday"})
    call = {"call_id": "call_weather", "name": "get_weather", "arguments": arguments}
    return {"id": "fc_demo", "type": "function_call", "status": "completed", **call}
