"""Models that continue a prompt, each maker's in a body of its own: Bedrock's older ones, Cohere's.

* `shapes`: where each maker's answer has what it says, whole and in pieces.
* `request`, `answer`, `stream`: the same for all, by the shape.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html,
https://docs.cohere.com/v1/reference/generate
"""
