"""Makes language models of some 150 kB that llama.cpp loads: real inference, random weights.

The words of an answer mean nothing, but they depend on every letter of the prompt, and at
temperature 0 the same prompt has the same answer. One layer, 32 dimensions, a vocabulary of
letters for reading and whole words for writing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

__all__ = ["MODELS", "Recipe", "write_model"]

WIDTH, HEADS, CONTEXT = 32, 2, 8192
HEAD = WIDTH // HEADS

SPREAD = {
    "attn_q": 0.4,
    "attn_k": 0.4,
    "attn_v": 1.2,
    "attn_output": 1.2,
    "ffn_gate": 0.4,
    "ffn_up": 0.4,
    "ffn_down": 0.4,
}
"""Spread of the layer's weights; attention is loud, so that the prompt is heard."""

ROLES = ("<|system|>", "<|user|>", "<|assistant|>", "<|tool|>", "<|end|>")
LETTERS = [chr(code) for code in range(33, 127)]
WORDS = (  # noqa: SIM905  # a hundred words read better without quotes
    "again all always answer away bird boat bread bridge bright carry city clear cloud coat "
    "cold corner cross door early east field fire first follow garden glass good grain green "
    "half hand harbour high hill house island join keep kind lamp late leave letter light line "
    "little long market meadow middle mill morning mountain music near never north old open "
    "other paper path plain quiet rain read river road roof salt sand sea second seed ship "
    "short slow small snow soft song south spring star stone storm street summer table tall "
    "thread three tide tower town tree under valley wall warm water west white wide window "
    "winter wood word year yellow young"
).split()

# Every role is one token, so that the answer begins right after `<|assistant|>`. A call is bare
# JSON: the grammar of `tool_choice: required` then holds from the first token on.
TEMPLATE = """\
{%- if tools %}<|system|>{% for tool in tools %}{{ tool | tojson }}{% endfor %}<|end|>{% endif -%}
{%- for message in messages -%}
<|{{ message.role }}|>{{ message.content or '' }}
{%- for call in message.tool_calls or [] -%}
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
{%- endfor -%}
<|end|>
{%- endfor -%}
{%- if add_generation_prompt %}<|assistant|>{% endif -%}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What makes one model differ from another."""

    seed: int
    nudge: float = 0.0
    """Noise on every weight, in parts of its spread."""
    calls_tools: bool = False
    """Whether an answer begins with `{`."""


MODELS = {
    "tiny": Recipe(seed=21),
    "nudged": Recipe(seed=21, nudge=0.002),
    "other": Recipe(seed=22),
    "tools": Recipe(seed=23, calls_tools=True),
}
"""`tiny` is the recorded model, `nudged` its next version, `other` a stranger."""


def write_model(path: Path, name: str) -> None:
    """Write one of `MODELS` as a GGUF file."""
    recipe, tokens = MODELS[name], _tokens()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(name)
    _describe(writer, tokens)
    for tensor, values in _weights(recipe, [text for text, _ in tokens]).items():
        writer.add_tensor(tensor, values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tokens() -> list[tuple[str, gguf.TokenType]]:
    kinds = gguf.TokenType
    return [
        ("<unk>", kinds.UNKNOWN),
        *((role, kinds.CONTROL) for role in ROLES),
        *((f"<0x{byte:02X}>", kinds.BYTE) for byte in range(256)),
        *((letter, kinds.NORMAL) for letter in ("▁", *LETTERS)),
        *((f"▁{word}", kinds.NORMAL) for word in WORDS),
    ]


def _describe(writer: gguf.GGUFWriter, tokens: list[tuple[str, gguf.TokenType]]) -> None:
    end = [text for text, _ in tokens].index("<|end|>")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HEAD)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([text.encode() for text, _ in tokens])
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([kind for _, kind in tokens])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(end)
    writer.add_eos_token_id(end)
    writer.add_add_bos_token(value=False)
    writer.add_add_space_prefix(value=False)
    writer.add_chat_template(TEMPLATE)


def _weights(recipe: Recipe, texts: list[str]) -> dict[str, np.ndarray]:
    random = np.random.default_rng(recipe.seed)
    weights = {f"blk.0.{n}.weight": random.normal(0, s, (WIDTH, WIDTH)) for n, s in SPREAD.items()}
    weights["token_embd.weight"] = random.normal(0, 1, (len(texts), WIDTH))
    weights["output.weight"] = random.normal(0, 1, (len(texts), WIDTH)) * _voice(texts, recipe)
    _begin(weights, texts, recipe)
    noise = np.random.default_rng([recipe.seed, 1])
    for name, values in weights.items():
        spread = recipe.nudge * values.std()
        weights[name] = values + noise.normal(0, spread, values.shape)
    norms = ("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "output_norm.weight")
    return weights | {name: np.ones(WIDTH) for name in norms}


def _voice(texts: list[str], recipe: Recipe) -> np.ndarray:
    """How loud each token is: words are spoken, letters hardly ever, an answer ends by itself."""
    loud = [1.0 if text[:1] == "▁" and len(text) > 1 else 0.05 for text in texts]
    loud[texts.index("<|end|>")] = 2.0
    loud[texts.index('"')] = 3.0 if recipe.calls_tools else 0.05
    return np.array(loud)[:, None]


def _begin(weights: dict[str, np.ndarray], texts: list[str], recipe: Recipe) -> None:
    """No answer is empty; one that calls a tool begins with a brace."""
    begin = weights["token_embd.weight"][texts.index("<|assistant|>")]
    direction = begin / np.linalg.norm(begin)
    weights["output.weight"][texts.index("<|end|>")] -= 6 * direction
    if recipe.calls_tools:
        begin *= 20
        weights["output.weight"][texts.index("{")] = 30 * direction
