"""A question about an image."""

from openai import OpenAI

import otel_responses

otel_responses.instrument(export=True)

BOARDWALK = (
    "https://upload.wikimedia.org/wikipedia/commons/thumb/d/dd/"
    "Gfp-wisconsin-madison-the-nature-boardwalk.jpg/2560px-Gfp-wisconsin-madison-the-nature-boardwalk.jpg"
)

client = OpenAI()
response = client.responses.create(
    model="gpt-4.1",
    input=[
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "What is in this image?"},
                {"type": "input_image", "image_url": BOARDWALK, "detail": "auto"},
            ],
        }
    ],
)
print(response.output_text)
