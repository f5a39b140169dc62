#pragma once

// Answers in the styles of the upstreams in use.
namespace holysheep {

inline constexpr char kOpenAiStream[] =
    R"(data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":1,"model":"gpt-4.1-2025-04-14","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"aZ"}

data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":1,"model":"gpt-4.1-2025-04-14","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"Gr\u00fc\u00dfe"},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":1,"model":"gpt-4.1-2025-04-14","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" \ud83d\udc11!"},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":1,"model":"gpt-4.1-2025-04-14","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":1,"model":"gpt-4.1-2025-04-14","system_fingerprint":"fp_1","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":3,"total_tokens":22,"prompt_tokens_details":{"cached_tokens":16,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}

data: [DONE]

)";

inline constexpr char kOpenAiToolStream[] =
    R"(data: {"id":"c","model":"gpt-4.1","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"weather","arguments":""}}]},"finish_reason":null}]}

data: {"id":"c","model":"gpt-4.1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]}

data: {"id":"c","model":"gpt-4.1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Ulm\"}"}}]},"finish_reason":null}]}

data: {"id":"c","model":"gpt-4.1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"time","arguments":"{}"}}]},"finish_reason":null}]}

data: {"id":"c","model":"gpt-4.1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":80,"completion_tokens":30,"total_tokens":110}}

data: [DONE]

)";

// Heartbeats, reasoning first, the last chunk with the token count, CRLF.
inline constexpr char kDeepSeekStream[] =
    ": keep-alive\r\n\r\n"
    "data: "
    "{\"id\":\"d1\",\"model\":\"deepseek-v3.2\",\"choices\":[{\"index\":0,"
    "\"delta\":{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":"
    "\"\"},\"finish_reason\":null}]}\r\n\r\n"
    "data: "
    "{\"id\":\"d1\",\"model\":\"deepseek-v3.2\",\"choices\":[{\"index\":0,"
    "\"delta\":{\"content\":null,\"reasoning_content\":\"Let me\"},"
    "\"finish_reason\":null}]}\r\n\r\n"
    ": keep-alive\r\n\r\n"
    "data: "
    "{\"id\":\"d1\",\"model\":\"deepseek-v3.2\",\"choices\":[{\"index\":0,"
    "\"delta\":{\"content\":\"42\",\"reasoning_content\":null},"
    "\"finish_reason\":null}]}\r\n\r\n"
    "data: "
    "{\"id\":\"d1\",\"model\":\"deepseek-v3.2\",\"choices\":[{\"index\":0,"
    "\"delta\":{\"content\":\"\",\"reasoning_content\":null},"
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,"
    "\"completion_tokens\":8,\"total_tokens\":18,\"prompt_cache_hit_tokens\":4,"
    "\"prompt_cache_miss_tokens\":6,\"completion_tokens_details\":"
    "{\"reasoning_tokens\":5}}}\r\n\r\n"
    "data: [DONE]\r\n\r\n";

// Whole calls, all numbered 0, with signatures to send back; the finish reason
// in the same chunk; counts in every chunk; no blanks after the colon.
inline constexpr char kGeminiStream[] =
    R"(data:{"choices":[{"delta":{"role":"assistant","tool_calls":[{"extra_content":{"google":{"thought_signature":"s1=="}},"function":{"arguments":"{\"a\":1}","name":"f"},"id":"call-1","index":0,"type":"function"},{"function":{"arguments":"{\"a\":2}","name":"f"},"id":"call-2","index":0,"type":"function"}]},"index":0}],"created":1,"id":"g1","model":"gemini-2.5-flash","object":"chat.completion.chunk","usage":{"completion_tokens":10,"prompt_tokens":50,"total_tokens":90}}

data:{"choices":[{"delta":{"role":"assistant"},"finish_reason":"tool_calls","index":0}],"created":1,"id":"g1","model":"gemini-2.5-flash","object":"chat.completion.chunk","usage":{"completion_tokens":20,"prompt_tokens":50,"total_tokens":100}}

data: [DONE]

)";

// Named events, reasoning with details to send back, no [DONE].
inline constexpr char kClaudeStream[] =
    R"(event: message
data: {"id":"m1","model":"claude-sonnet-4.5","choices":[{"index":0,"delta":{"role":"assistant","reasoning":"Hm","reasoning_details":[{"type":"reasoning.text","text":"Hm","index":0}]}}]}

event: ping
data: {"type":"ping"}

event: message
data: {"id":"m1","model":"claude-sonnet-4.5","choices":[{"index":0,"delta":{"reasoning":"","reasoning_details":[{"type":"reasoning.text","signature":"sig","index":0}]}}]}

event: message
data: {"id":"m1","model":"claude-sonnet-4.5","choices":[{"index":0,"delta":{"content":[{"type":"text","text":"Yes"}]}}]}

event: message
data: {"id":"m1","model":"claude-sonnet-4.5","choices":[{"index":0,"delta":{"content":"."},"finish_reason":"end_turn"}]}

)";

inline constexpr char kPlainReply[] =
    R"( {"id":"p1","object":"chat.completion","model":"gpt-4.1","system_fingerprint":"fp_2","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","reasoning_content":"think","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}],"refusal":null},"finish_reason":"length"},{"index":1,"message":{"content":"other"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2}}
)";

}  // namespace holysheep
