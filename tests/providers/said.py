"""Requests that say all that their format can: what the laws and the table of losses go by."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["REQUESTS"]

PNG = "iVBORw0KGgo="
PDF = "JVBERi0xLjQ="
SOUND = "SUQzBAAA"
WORDS = "UGxhaW4gd29yZHM="
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
FUNCTION = {"name": "weather", "description": "Look.", "parameters": SCHEMA, "strict": True}
SAMPLED = {"temperature": 0.5, "top_p": 0.9}
PENALISED = {"seed": 7, "frequency_penalty": 0.5, "presence_penalty": 0.5}
MARK = {"cache_control": {"type": "ephemeral"}}
BREAK = {"prompt_cache_breakpoint": {"mode": "explicit"}}

CHAT: list[dict[str, Any]] = [
    {
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "Be kind.", **MARK}]},
            {"role": "developer", "content": "Be brief."},
            {
                "role": "user",
                "name": "ann",
                "content": [
                    {"type": "text", "text": "See:", **BREAK},
                    {
                        "type": "image_url",
                        "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "high"},
                    },
                    {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}},
                    {
                        "type": "file",
                        "file": {
                            "filename": "a.pdf",
                            "file_data": f"data:application/pdf;base64,{PDF}",
                        },
                    },
                    {"type": "file", "file": {"file_id": "file-1"}},
                    {"type": "input_audio", "input_audio": {"data": SOUND, "format": "mp3"}},
                    {"type": "video_url", "video_url": {"url": "https://x.example/a.mp4"}},
                ],
            },
            {
                "role": "assistant",
                "content": "Let me look.",
                "reasoning_content": "They want the weather.",
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city": "Oslo"}'},
                    },
                    {"id": "call_2", "type": "custom", "custom": {"name": "note", "input": "a b"}},
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "Sun"},
            {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "ok"}]},
            {"role": "assistant", "refusal": "I will not."},
            {"role": "system", "content": "Go on."},
            {"role": "user", "content": "And now?"},
        ],
        "tools": [
            {"type": "function", "function": FUNCTION, **MARK},
            {"type": "custom", "custom": {"name": "note", "description": "Keep."}},
        ],
        "tool_choice": {
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "required",
                "tools": [{"type": "function", "function": {"name": "weather"}}],
            },
        },
        "parallel_tool_calls": False,
        "max_completion_tokens": 2000,
        **SAMPLED,
        **PENALISED,
        "n": 2,
        "stop": ["END", "\n"],
        "logit_bias": {"5": 1},
        "logprobs": True,
        "top_logprobs": 3,
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "place",
                "description": "Where.",
                "schema": SCHEMA,
                "strict": True,
            },
        },
        "reasoning_effort": "low",
        "verbosity": "low",
        "user": "u1",
        "metadata": {"team": "a"},
        "prompt_cache_key": "k",
        "service_tier": "flex",
        "store": True,
        "web_search_options": {
            "search_context_size": "low",
            "user_location": {"type": "approximate", "approximate": {"city": "Oslo"}},
        },
        "modalities": ["text", "audio"],
        "audio": {"voice": "alloy", "format": "mp3"},
        "prediction": {"type": "content", "content": "Sun"},
        "moderation": {"model": "m"},
    },
    {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "{"}],
        "response_format": {"type": "json_object"},
        "temperature": 1.5,
    },
]

RESPONSES: list[dict[str, Any]] = [
    {
        "instructions": "Be kind.",
        "input": [
            {"role": "developer", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "See:", **BREAK},
                    {
                        "type": "input_image",
                        "image_url": f"data:image/png;base64,{PNG}",
                        "detail": "high",
                    },
                    {
                        "type": "input_file",
                        "filename": "a.pdf",
                        "file_data": f"data:application/pdf;base64,{PDF}",
                    },
                    {"type": "input_file", "file_url": "https://x.example/a.pdf"},
                    {"type": "input_image", "file_id": "file-1", "detail": "auto"},
                ],
            },
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [{"type": "summary_text", "text": "They want the weather."}],
                "encrypted_content": "gAAA",
            },
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "completed",
                "phase": "commentary",
                "content": [
                    {
                        "type": "output_text",
                        "text": "Let me look.",
                        "annotations": [
                            {
                                "type": "url_citation",
                                "url": "https://x.example",
                                "title": "X",
                                "start_index": 0,
                                "end_index": 3,
                            }
                        ],
                    }
                ],
            },
            {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "call_1",
                "name": "weather",
                "namespace": "travel",
                "arguments": '{"city":"Oslo"}',
            },
            {
                "type": "function_call_output",
                "call_id": "call_1",
                "output": [
                    {"type": "input_text", "text": "Sun"},
                    {
                        "type": "input_image",
                        "image_url": "https://x.example/a.png",
                        "detail": "auto",
                    },
                ],
            },
            {"type": "custom_tool_call", "call_id": "call_2", "name": "note", "input": "a b"},
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": "ok"},
            {
                "type": "web_search_call",
                "id": "ws_1",
                "status": "completed",
                "action": {"type": "search", "query": "oslo"},
            },
            {
                "type": "code_interpreter_call",
                "id": "ci_1",
                "container_id": "c",
                "code": "1+1",
                "outputs": [],
                "status": "completed",
            },
            {
                "type": "mcp_call",
                "id": "mcp_1",
                "server_label": "docs",
                "name": "ask",
                "arguments": "{}",
            },
            {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "docs", "tools": []},
            {
                "type": "tool_search_call",
                "call_id": "call_3",
                "execution": "client",
                "arguments": {"q": 1},
            },
            {
                "type": "tool_search_output",
                "call_id": "call_3",
                "execution": "client",
                "tools": [{"type": "function", "name": "late", "parameters": SCHEMA}],
            },
            {
                "type": "additional_tools",
                "role": "developer",
                "tools": [
                    {"type": "function", "name": "more", "parameters": SCHEMA, "strict": True}
                ],
            },
            {"type": "compaction", "id": "cmp_1", "encrypted_content": "AA=="},
            {"role": "user", "content": "And now?"},
        ],
        "tools": [
            {"type": "function", **FUNCTION, "defer_loading": True},
            {
                "type": "namespace",
                "name": "travel",
                "description": "Trips.",
                "tools": [
                    {"type": "function", "name": "book", "parameters": SCHEMA, "strict": False}
                ],
            },
            {
                "type": "custom",
                "name": "note",
                "description": "Keep.",
                "format": {"type": "grammar", "syntax": "regex", "definition": "[a-z ]+"},
            },
            {"type": "tool_search"},
            {
                "type": "web_search",
                "search_context_size": "low",
                "filters": {"allowed_domains": ["x.example"]},
                "user_location": {"type": "approximate", "country": "NO", "city": "Oslo"},
            },
            {
                "type": "mcp",
                "server_label": "docs",
                "server_url": "https://x.example/mcp",
                "require_approval": "never",
            },
            {"type": "file_search", "vector_store_ids": ["vs_1"]},
            {"type": "code_interpreter", "container": {"type": "auto"}},
            {"type": "image_generation", "quality": "low"},
        ],
        "tool_choice": {"type": "function", "name": "weather"},
        "parallel_tool_calls": False,
        "max_output_tokens": 2000,
        **SAMPLED,
        "reasoning": {"effort": "low", "summary": "detailed", "context": "all_turns"},
        "text": {
            "verbosity": "low",
            "format": {
                "type": "json_schema",
                "name": "place",
                "description": "Where.",
                "schema": SCHEMA,
                "strict": True,
            },
        },
        "user": "u1",
        "metadata": {"team": "a"},
        "prompt_cache_key": "k",
        "service_tier": "flex",
        "truncation": "auto",
        "store": True,
        "background": True,
        "include": ["web_search_call.action.sources", "reasoning.encrypted_content"],
        "previous_response_id": "resp_1",
        "conversation": "conv_1",
        "prompt": {"id": "pmpt_1"},
        "context_management": [{"type": "compaction", "compact_threshold": 1000}],
        "moderation": {"model": "m"},
    },
    {
        "input": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "{"}],
        "text": {"format": {"type": "json_object"}},
        "temperature": 1.5,
        "max_output_tokens": 10,
    },
    {"input": "Hi"},
]

MESSAGES: list[dict[str, Any]] = [
    {
        "system": [{"type": "text", "text": "Be kind.", **MARK}, {"type": "text", "text": "Now."}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "See:"},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": PNG},
                    },
                    {
                        "type": "document",
                        "title": "a.pdf",
                        "context": "Old.",
                        "citations": {"enabled": True},
                        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
                    },
                    {
                        "type": "document",
                        "title": "b",
                        "source": {"type": "text", "media_type": "text/plain", "data": "Words"},
                    },
                    {
                        "type": "document",
                        "source": {"type": "url", "url": "https://x.example/a.pdf"},
                    },
                    {"type": "image", "source": {"type": "file", "file_id": "file_01"}},
                    {
                        "type": "search_result",
                        "source": "https://x.example/a",
                        "title": "A",
                        "content": [{"type": "text", "text": "Sun."}],
                    },
                    {"type": "container_upload", "file_id": "file_02"},
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "They want the weather.", "signature": "c2ln"},
                    {"type": "redacted_thinking", "data": "AA=="},
                    {
                        "type": "server_tool_use",
                        "id": "srvtoolu_1",
                        "name": "web_search",
                        "input": {"query": "oslo"},
                    },
                    {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
                    {"type": "compaction", "content": "Before."},
                    {
                        "type": "text",
                        "text": "Let me look.",
                        "citations": [
                            {
                                "type": "char_location",
                                "cited_text": "x",
                                "document_index": 0,
                                "document_title": "b",
                                "start_char_index": 0,
                                "end_char_index": 1,
                            }
                        ],
                    },
                    {
                        "type": "tool_use",
                        "id": "toolu_1",
                        "name": "weather",
                        "input": {"city": "Oslo"},
                        "caller": {"type": "direct"},
                    },
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "toolu_1",
                        "is_error": True,
                        "content": [
                            {"type": "text", "text": "Sun"},
                            {
                                "type": "image",
                                "source": {"type": "url", "url": "https://x.example/a.png"},
                            },
                            {"type": "tool_reference", "tool_name": "late"},
                        ],
                    },
                    {"type": "text", "text": "And now?"},
                ],
            },
            {
                "role": "system",
                "content": [
                    {"type": "text", "text": "Go on."},
                    {
                        "type": "tool_addition",
                        "tool": {"type": "tool_reference", "name": "late"},
                    },
                ],
            },
        ],
        "tools": [
            {
                "name": "weather",
                "description": "Look.",
                "input_schema": SCHEMA,
                "strict": True,
                "defer_loading": True,
                **MARK,
            },
            {
                "type": "web_search_20250305",
                "name": "web_search",
                "max_uses": 2,
                "blocked_domains": ["x.example"],
                "user_location": {"type": "approximate", "timezone": "Europe/Oslo"},
            },
            {"type": "code_execution_20260120", "name": "code_execution"},
            {"type": "web_fetch_20250910", "name": "web_fetch"},
            {"type": "memory_20250818", "name": "memory"},
            {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"},
        ],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
        "max_tokens": 2000,
        **SAMPLED,
        "top_k": 5,
        "stop_sequences": ["A", "B", "C", "D", "E"],
        "thinking": {"type": "enabled", "budget_tokens": 1500, "display": "summarized"},
        "output_config": {
            "format": {"type": "json_schema", "schema": SCHEMA},
            "task_budget": {"type": "tokens", "total": 9000},
        },
        "metadata": {"user_id": "u1"},
        "service_tier": "standard_only",
        "cache_control": {"type": "ephemeral"},
        "container": "container_1",
        "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        "mcp_servers": [{"type": "url", "url": "https://x.example/mcp", "name": "docs"}],
    },
    {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "{"}],
        "max_tokens": 10,
        "thinking": {"type": "disabled"},
    },
    {
        "messages": [{"role": "user", "content": "Hi"}],
        "max_tokens": 2000,
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "max"},
        "thread": {"type": "continue", "previous_message_id": "msg_1"},
    },
]

GEMINI: list[dict[str, Any]] = [
    {
        "systemInstruction": {"role": "user", "parts": [{"text": "Be kind."}]},
        "contents": [
            {
                "role": "user",
                "parts": [
                    {"text": "See:"},
                    {"inlineData": {"mimeType": "image/png", "data": PNG}},
                    {
                        "inline_data": {
                            "mime_type": "application/pdf",
                            "data": PDF,
                            "display_name": "a.pdf",
                        }
                    },
                    {"inlineData": {"mimeType": "text/plain", "data": WORDS}},
                    {"inlineData": {"mimeType": "audio/mp3", "data": SOUND}},
                    {
                        "fileData": {"fileUri": "https://youtu.be/x", "mimeType": "video/mp4"},
                        "videoMetadata": {"fps": 2},
                    },
                    {
                        "fileData": {
                            "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a",
                            "mimeType": "application/pdf",
                        }
                    },
                ],
            },
            {
                "role": "model",
                "parts": [
                    {
                        "text": "They want the weather.",
                        "thought": True,
                        "thoughtSignature": "c2ln",
                    },
                    {"text": "Let me look."},
                    {
                        "functionCall": {"name": "weather", "args": {"city": "Oslo"}},
                        "thoughtSignature": "c2ln",
                    },
                    {"functionCall": {"name": "weather", "args": {"city": "Rome"}}},
                    {"executableCode": {"language": "PYTHON", "code": "1+1"}},
                    {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}},
                    {"toolCall": {"id": "t1", "toolType": "GOOGLE_SEARCH_WEB", "args": {"q": 1}}},
                    {"toolResponse": {"id": "t1", "toolType": "GOOGLE_SEARCH_WEB"}},
                ],
            },
            {
                "role": "user",
                "parts": [
                    {
                        "functionResponse": {
                            "name": "weather",
                            "response": {"output": "Sun"},
                            "parts": [{"inlineData": {"mimeType": "image/png", "data": PNG}}],
                        }
                    },
                    {"functionResponse": {"name": "weather", "response": {"error": "No sky"}}},
                ],
            },
        ],
        "tools": [
            {
                "functionDeclarations": [
                    {
                        "name": "weather",
                        "description": "Look.",
                        "parameters": {
                            "type": "OBJECT",
                            "properties": {
                                "city": {"type": "STRING", "nullable": True},
                                "day": {"type": "INTEGER", "minLength": "1"},
                            },
                            "propertyOrdering": ["day", "city"],
                        },
                    }
                ]
            },
            {"googleSearch": {"timeRangeFilter": {"startTime": "2026-01-01T00:00:00Z"}}},
            {"codeExecution": {}},
            {"urlContext": {}},
            {"fileSearch": {"fileSearchStoreNames": ["s"]}},
        ],
        "toolConfig": {
            "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather"]},
            "includeServerSideToolInvocations": True,
        },
        "generationConfig": {
            "temperature": 0.5,
            "topP": 0.9,
            "topK": 5,
            "maxOutputTokens": 2000,
            "stopSequences": list("ABCDE"),
            "candidateCount": 2,
            "seed": 7,
            "presencePenalty": 0.5,
            "frequencyPenalty": 0.5,
            "responseMimeType": "application/json",
            "responseJsonSchema": SCHEMA,
            "responseModalities": ["TEXT", "IMAGE"],
            "imageConfig": {"aspectRatio": "1:1"},
            "responseLogprobs": True,
            "logprobs": 2,
            "thinkingConfig": {"thinkingBudget": 1500, "includeThoughts": True},
            "mediaResolution": "MEDIA_RESOLUTION_LOW",
            "speechConfig": {"languageCode": "en-US"},
        },
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        "cachedContent": "cachedContents/a",
        "continuationToken": "AA==",
        "labels": {"team": "a"},
        "modelArmorConfig": {"promptTemplateName": "p"},
    },
    {
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "model", "parts": [{"text": "{"}]},
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "VALIDATED"}},
        "generationConfig": {
            "thinkingConfig": {"thinkingLevel": "HIGH"},
            "responseMimeType": "application/json",
            "temperature": 1.5,
        },
    },
]

INTERACTIONS: list[dict[str, Any]] = [
    {
        "system_instruction": "Be kind.",
        "input": [
            {
                "type": "user_input",
                "content": [
                    {"type": "text", "text": "See:"},
                    {
                        "type": "image",
                        "mime_type": "image/png",
                        "data": PNG,
                        "resolution": "high",
                    },
                    {"type": "document", "mime_type": "application/pdf", "data": PDF},
                    {"type": "audio", "mime_type": "audio/mp3", "data": SOUND},
                    {"type": "video", "mime_type": "video/mp4", "uri": "https://youtu.be/x"},
                    {
                        "type": "document",
                        "mime_type": "application/pdf",
                        "uri": "https://generativelanguage.googleapis.com/v1beta/files/a",
                    },
                ],
            },
            {
                "type": "thought",
                "signature": "c2ln",
                "summary": [{"type": "text", "text": "They want the weather."}],
            },
            {
                "type": "model_output",
                "content": [
                    {
                        "type": "text",
                        "text": "Let me look.",
                        "annotations": [
                            {
                                "type": "url_citation",
                                "url": "https://x.example",
                                "start_index": 0,
                                "end_index": 3,
                            }
                        ],
                    }
                ],
            },
            {"type": "function_call", "id": "c1", "name": "weather", "arguments": {"city": "Oslo"}},
            {
                "type": "function_call",
                "id": "c2",
                "name": "weather",
                "arguments": {"city": "Rome"},
                "signature": "c2ln",
            },
            {
                "type": "code_execution_call",
                "id": "e1",
                "arguments": {"language": "python", "code": "1+1"},
            },
            {"type": "code_execution_result", "call_id": "e1", "result": "2"},
            {"type": "google_search_call", "id": "s1", "arguments": {"queries": ["q"]}},
            {"type": "google_search_result", "call_id": "s1", "result": []},
            {
                "type": "mcp_server_tool_call",
                "id": "m1",
                "name": "ask",
                "server_name": "docs",
                "arguments": {},
            },
            {
                "type": "function_result",
                "call_id": "c1",
                "name": "weather",
                "result": [
                    {"type": "text", "text": "Sun"},
                    {"type": "image", "mime_type": "image/png", "data": PNG},
                ],
            },
            {
                "type": "function_result",
                "call_id": "c2",
                "name": "weather",
                "result": "No sky",
                "is_error": True,
            },
        ],
        "tools": [
            {
                "type": "function",
                "name": "weather",
                "description": "Look.",
                "parameters": SCHEMA,
                "defer_loading": True,
            },
            {"type": "google_search", "search_types": ["web_search"]},
            {"type": "code_execution"},
            {"type": "url_context"},
            {"type": "file_search", "file_search_store_names": ["s"]},
            {"type": "mcp_server", "name": "docs", "url": "https://x.example/mcp"},
        ],
        "generation_config": {
            "temperature": 0.5,
            "top_p": 0.9,
            "seed": 7,
            "max_output_tokens": 2000,
            "stop_sequences": list("ABCDE"),
            "thinking_level": "high",
            "thinking_summaries": "auto",
            "tool_choice": {"allowed_tools": {"mode": "any", "tools": ["weather"]}},
            "speech_config": {"voice": "Kore"},
        },
        "response_format": {"type": "text", "mime_type": "application/json", "schema": SCHEMA},
        "response_modalities": ["text", "audio"],
        "safety_settings": [{"type": "harassment", "threshold": "block_none"}],
        "service_tier": "priority",
        "labels": {"team": "a"},
        "store": True,
        "background": True,
        "previous_interaction_id": "v1_before",
        "webhook_config": {"uris": ["https://x.example/hook"]},
        "environment": "env_1",
        "cached_content": "cachedContents/a",
        "continuation_token": "AA==",
    },
    {
        "input": "Hi",
        "generation_config": {"tool_choice": "validated", "temperature": 1.5},
        "response_format": [{"type": "text"}, {"type": "image", "aspect_ratio": "1:1"}],
    },
    {
        "agent": "deep-research-pro-preview-12-2025",
        "agent_config": {"type": "deep-research", "thinking_summaries": "auto"},
        "input": {"type": "text", "text": "Hi"},
        "response_mime_type": "application/json",
    },
]

CONVERSE: list[dict[str, Any]] = [
    {
        "system": [{"text": "Be kind."}, {"cachePoint": {"type": "default"}}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"text": "See:"},
                    {"image": {"format": "png", "source": {"bytes": PNG}}},
                    {"document": {"format": "pdf", "name": "a", "source": {"bytes": PDF}}},
                    {"document": {"format": "txt", "name": "b", "source": {"text": "Words"}}},
                    {
                        "document": {
                            "format": "pdf",
                            "name": "c",
                            "source": {"s3Location": {"uri": "s3://bucket/c.pdf"}},
                        }
                    },
                    {
                        "video": {
                            "format": "mp4",
                            "source": {"s3Location": {"uri": "s3://bucket/d.mp4"}},
                        }
                    },
                    {"cachePoint": {"type": "default"}},
                    {"guardContent": {"text": {"text": "Guarded."}}},
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {
                        "reasoningContent": {
                            "reasoningText": {"text": "They want the weather.", "signature": "c2ln"}
                        }
                    },
                    {"reasoningContent": {"redactedContent": "AA=="}},
                    {"text": "Let me look."},
                    {
                        "toolUse": {
                            "toolUseId": "t:1",
                            "name": "weather",
                            "input": {"city": "Oslo"},
                        }
                    },
                    {
                        "toolUse": {
                            "toolUseId": "u1",
                            "name": "nova_code_interpreter",
                            "type": "server_tool_use",
                            "input": {"snippet": "1+1"},
                        }
                    },
                    {"toolResult": {"toolUseId": "u1", "content": [{"json": {"stdOut": "2"}}]}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "toolResult": {
                            "toolUseId": "t:1",
                            "status": "error",
                            "content": [
                                {"json": {"sky": "grey"}},
                                {"image": {"format": "png", "source": {"bytes": PNG}}},
                            ],
                        }
                    }
                ],
            },
        ],
        "toolConfig": {
            "tools": [
                {
                    "toolSpec": {
                        "name": "weather",
                        "description": "Look.",
                        "inputSchema": {"json": SCHEMA},
                        "strict": True,
                    }
                },
                {"cachePoint": {"type": "default"}},
                {"systemTool": {"name": "nova_code_interpreter"}},
            ],
            "toolChoice": {"any": {}},
        },
        "inferenceConfig": {
            "maxTokens": 2000,
            "temperature": 0.5,
            "topP": 0.9,
            "stopSequences": list("ABCDE"),
        },
        "additionalModelRequestFields": {
            "thinking": {"type": "enabled", "budget_tokens": 1500},
            "top_k": 5,
            "anthropic_beta": ["a"],
        },
        "outputConfig": {
            "textFormat": {
                "type": "json_schema",
                "structure": {
                    "jsonSchema": {
                        "name": "place",
                        "description": "Where.",
                        "schema": json.dumps(SCHEMA),
                    }
                },
            }
        },
        "guardrailConfig": {"guardrailIdentifier": "g"},
        "performanceConfig": {"latency": "optimized"},
        "serviceTier": {"type": "priority"},
        "promptVariables": {"a": {"text": "b"}},
        "requestMetadata": {"team": "a"},
    },
    {
        "messages": [
            {"role": "user", "content": [{"text": "Hi"}]},
            {"role": "assistant", "content": [{"text": "{"}]},
        ],
        "additionalModelRequestFields": {"reasoning_effort": "high"},
    },
]

COHERE: list[dict[str, Any]] = [
    {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "See:"},
                    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
                ],
            },
            {
                "role": "assistant",
                "tool_plan": "I will look.",
                "tool_calls": [
                    {
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city":"Oslo"}'},
                    }
                ],
            },
            {
                "role": "tool",
                "tool_call_id": "c1",
                "content": [
                    {"type": "text", "text": "Sun"},
                    {"type": "document", "document": {"id": "0", "data": {"sky": "blue"}}},
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Sun."},
                    {"type": "text", "text": "Sunny."},
                ],
            },
            {"role": "user", "content": "And now?"},
        ],
        "tools": [
            {
                "type": "function",
                "function": {"name": "weather", "description": "Look.", "parameters": SCHEMA},
            }
        ],
        "tool_choice": "REQUIRED",
        "strict_tools": True,
        "max_tokens": 2000,
        "temperature": 0.5,
        "p": 0.9,
        "k": 5,
        **PENALISED,
        "stop_sequences": list("ABCDE"),
        "response_format": {"type": "json_object", "json_schema": SCHEMA},
        "thinking": {"type": "enabled", "token_budget": 1500},
        "documents": [{"id": "d", "data": {"text": "Words"}}],
        "citation_options": {"mode": "FAST"},
        "safety_mode": "STRICT",
        "logprobs": True,
        "priority": 3,
    },
    {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "{"}],
        "response_format": {"type": "json_object"},
    },
]

OLLAMA: list[dict[str, Any]] = [
    {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "See:", "images": [PNG]},
            {
                "role": "assistant",
                "content": "Let me look.",
                "thinking": "They want the weather.",
                "tool_calls": [
                    {"function": {"name": "weather", "arguments": {"city": "Oslo"}}},
                    {"function": {"name": "weather", "arguments": {"city": "Rome"}}},
                ],
            },
            {"role": "tool", "tool_name": "weather", "content": "Sun"},
            {"role": "tool", "tool_name": "weather", "content": "Rain"},
            {"role": "user", "content": "And now?"},
        ],
        "tools": [
            {
                "type": "function",
                "function": {"name": "weather", "description": "Look.", "parameters": SCHEMA},
            }
        ],
        "think": True,
        "format": SCHEMA,
        "options": {
            "num_predict": 2000,
            "temperature": 0.5,
            "top_p": 0.9,
            "top_k": 5,
            **PENALISED,
            "stop": list("ABCDE"),
            "num_ctx": 4096,
        },
        "keep_alive": "5m",
        "stream": False,
    },
    {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "{"}],
        "think": "high",
        "format": "json",
        "options": {"temperature": 1.5},
    },
]

GENERATE: list[dict[str, Any]] = [
    {
        "prompt": "See:",
        "images": [PNG],
        "system": "Be kind.",
        "suffix": "The end.",
        "template": "{{ .Prompt }}",
        "context": [1, 2],
        "raw": True,
        "think": True,
        "format": SCHEMA,
        "options": {"num_predict": 2000, "temperature": 0.5, "top_k": 5, "seed": 7},
        "keep_alive": "5m",
        "stream": False,
    }
]

CALL = {"name": "weather", "parameters": {"city": "Oslo"}}
COHERE_V1: list[dict[str, Any]] = [
    {
        "message": "And now?",
        "preamble": "Be kind.",
        "chat_history": [
            {"role": "SYSTEM", "message": "Be brief."},
            {"role": "USER", "message": "Hi"},
            {"role": "CHATBOT", "message": "Let me look.", "tool_calls": [CALL]},
            # What it was called with stands above.
            {
                "role": "TOOL",
                "tool_results": [{"call": {"name": "weather"}, "outputs": [{"sky": "Sun"}]}],
            },
        ],
        "tools": [
            {
                "name": "weather",
                "description": "Look.",
                "parameter_definitions": {
                    "city": {"description": "Where.", "type": "str", "required": True}
                },
            }
        ],
        "max_tokens": 2000,
        "temperature": 0.5,
        "p": 0.9,
        "k": 5,
        **PENALISED,
        "stop_sequences": list("ABCDE"),
        "response_format": {"type": "json_object", "schema": SCHEMA},
        "documents": [{"title": "T", "snippet": "Words"}],
        "connectors": [{"id": "web-search"}],
        "citation_quality": "accurate",
        "prompt_truncation": "AUTO",
        "conversation_id": "c1",
        "safety_mode": "STRICT",
        "raw_prompting": True,
    },
    {"message": "Rain?", "tool_results": [{"call": CALL, "outputs": [{"sky": "Sun"}]}]},
]
COHERE_GENERATE: list[dict[str, Any]] = [
    {
        "prompt": "Once upon",
        "max_tokens": 2000,
        "temperature": 0.5,
        "p": 0.9,
        "k": 5,
        "stop_sequences": list("ABCDE"),
        "num_generations": 2,
        "return_likelihoods": "ALL",
        "truncate": "END",
        "logit_bias": {"11": -10},
    }
]
INVOKE: list[dict[str, Any]] = [
    {
        "schemaVersion": "messages-v1",
        "system": [{"text": "Be kind."}],
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
        "inferenceConfig": {"maxTokens": 2000, "topP": 0.9, "topK": 5, "temperature": 0.5},
        "toolConfig": {
            "tools": [{"toolSpec": {"name": "weather", "inputSchema": {"json": SCHEMA}}}]
        },
    },
    {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Hi"},
        ],
        "max_tokens": 2000,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": list("ABCDE"),
        "safe_prompt": True,
    },
    {"message": "Hi", "preamble": "Be kind.", "documents": [{"snippet": "Words"}]},
    {
        "inputText": "Once upon",
        "textGenerationConfig": {
            "maxTokenCount": 2000,
            "temperature": 0.5,
            "topP": 0.9,
            "stopSequences": list("ABCDE"),
        },
    },
    {
        "prompt": "Once upon",
        "max_gen_len": 2000,
        "temperature": 0.5,
        "top_p": 0.9,
        "images": [PNG],
    },
    {
        "prompt": "Once upon",
        "maxTokens": 2000,
        "topP": 0.9,
        "numResults": 2,
        "stopSequences": list("ABCDE"),
        "minTokens": 5,
        "countPenalty": {"scale": 0.5},
    },
]

REQUESTS = {
    "chat_completions": CHAT,
    "responses": RESPONSES,
    "messages": MESSAGES,
    "generate_content": GEMINI,
    "interactions": INTERACTIONS,
    "converse": CONVERSE,
    "cohere_chat": COHERE,
    "cohere_chat_v1": COHERE_V1,
    "cohere_generate": COHERE_GENERATE,
    "invoke": INVOKE,
    "ollama_chat": OLLAMA,
    "ollama_generate": GENERATE,
}
"""By the name of the format; no model is named, as the target's is asked."""
