"""What products put in the place of pictures and other media, which they keep by themselves."""

from __future__ import annotations

import re
from typing import Final

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.event import Json

__all__ = ["MEDIA", "lacks_media"]

MEDIA: Final = "media"
"""Code of the loss."""
_IN_ITS_PLACE: Final = re.compile(
    rb"@@@langfuseMedia:type="  # https://langfuse.com/docs/observability/features/multi-modality
    rb'|"type": ?"braintrust_attachment"'  # https://www.braintrust.dev/docs/guides/attachments
    rb'|"_type": ?"CustomWeaveType"'  # https://docs.wandb.ai/weave/guides/core-types/media
    rb"|<helicone-asset-id key="  # https://github.com/Helicone/helicone
    rb"|mlflow-attachment://"  # https://mlflow.org/docs/latest/genai/tracing/
    rb'|"url": ?"__REDACTED__"'  # https://github.com/Arize-ai/openinference/tree/main/spec
)


def lacks_media(asked: Json) -> bool:
    """Whether a request only says where a picture was, which no model could look at."""
    return _IN_ITS_PLACE.search(json_bytes(asked)) is not None
