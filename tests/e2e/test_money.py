"""Money is exact: promise 12 of the contract."""

from decimal import Decimal

import pytest

from harness.errors import refused
from harness.upstream import finish, text, usage

MILLION = Decimal(1_000_000)
# Price and official price a million tokens.
PRICES = {
    "gpt-4.1": ("8", "60"), "claude-sonnet-4.5": ("15", "45"), "gemini-2.5-flash": ("2.5", "10"),
    "deepseek-v3.2": ("0.42", "2.8"), "not-in-the-catalog": ("1", "1"),
}


def answers(*events):
    return lambda request, reply: reply.stream(text("Hallo"), finish(), *events)


def exact(number):
    """As the contract writes amounts: no exponent, no superfluous zeros."""
    written = f"{number:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


@pytest.mark.parametrize("model", PRICES)
def test_promise_12_cost_official_price_and_saving_are_exact(node, chat, upstream, model):
    upstream.answer = answers(usage(1234, 567))
    cost = node.llm.Invoke(chat.InvokeRequest(query="Hallo", model=model)).cost
    price, official = (Decimal(p) for p in PRICES[model])
    assert cost.prompt == exact(1234 * price / MILLION)
    assert cost.completion == exact(567 * price / MILLION)
    assert cost.total == exact(1801 * price / MILLION)
    assert cost.official == exact(1801 * official / MILLION)
    assert cost.saved == exact(1801 * (official - price) / MILLION)
    assert (cost.prompt_unit_price, cost.completion_unit_price) == (exact(price), exact(price))
    assert cost.currency == "USD"


def priced(**prices):
    return [{"id": "m", "label": "M", "context_size": 10_000, "max_output_tokens": 5_000}
            | prices]


def test_promise_12_cached_tokens_are_part_of_the_prompt_tokens(start_node, chat, upstream):
    node = start_node(upstream.url, default_model="m", models=priced(
        prompt_price="3", completion_price="7", cached_prompt_price="0.5", official_price="10"))
    upstream.answer = answers(usage(100, 10, prompt_tokens_details={"cached_tokens": 40}))
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    # 60 at 3, 40 at 0.5 and 10 at 7 a million.
    assert answer.cost.prompt == "0.0002"
    assert answer.cost.completion == "0.00007"
    assert answer.cost.total == "0.00027"
    assert answer.tokens_used == 110


def test_promise_12_an_explicit_zero_stays_zero(node, chat, upstream):
    upstream.answer = answers(usage(0, 0))
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert (answer.tokens_used, answer.usage.estimated, answer.cost.total) == (0, False, "0")


def test_promise_12_missing_usage_is_estimated_and_marked(node, chat, upstream):
    upstream.answer = answers()
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo Welt"))
    assert answer.usage.estimated
    # 10 bytes make 3, 4 for the message, 3 for the answer's start.
    assert answer.usage.prompt_tokens == 10
    assert answer.usage.completion_tokens > 0
    tokens = answer.usage.total_tokens
    assert tokens == answer.tokens_used == 10 + answer.usage.completion_tokens
    assert answer.cost.total == exact(tokens * Decimal("0.42") / MILLION)


@pytest.mark.parametrize("prompt", [2_000_000_001, 999_999_999_999])
def test_promise_12_huge_counts_stay_exact(node, chat, upstream, prompt):
    upstream.answer = answers(usage(prompt, 3))
    cost = node.llm.Invoke(chat.InvokeRequest(query="Hallo", model="gpt-4.1")).cost
    assert cost.total == exact((prompt + 3) * Decimal(8) / MILLION)


@pytest.mark.parametrize("counts", [(-1, 5), (5, -1), (2**63, 1), (2**63 - 1, 1)])
def test_promise_12_impossible_counts_are_not_billed(node, chat, upstream, counts):
    """Refused or estimated, but never a negative amount."""
    import grpc

    upstream.answer = answers(usage(*counts))
    try:
        answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo", max_attempts=1))
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INTERNAL
    else:
        assert answer.usage.estimated
        assert Decimal(answer.cost.total) > 0


def test_promise_12_the_final_event_has_the_same_cost(node, chat, upstream):
    upstream.answer = answers(usage(1234, 567))
    unary = node.llm.Invoke(chat.InvokeRequest(query="Hallo", cache={"mode": "BYPASS"}))
    events = list(node.llm.InvokeStream(chat.InvokeRequest(query="Hallo", cache={"mode": "BYPASS"})))
    assert events[-1].final.cost == unary.cost


def test_the_price_of_token_counts(node, messages):
    answer = node.llm.EstimateCost(messages.EstimateCostRequest(
        model="gpt-4.1", prompt_tokens=1_000_000, completion_tokens=500_000))
    assert (answer.cost.prompt, answer.cost.completion, answer.cost.total) == ("8", "4", "12")
    assert (answer.cost.official, answer.cost.saved) == ("90", "78")
    assert not answer.estimated
    assert answer.tokens.total_tokens == 1_500_000


def test_the_price_of_a_request_is_estimated_by_the_documented_rule(node, chat, messages, upstream):
    request = chat.InvokeRequest(query="Grüße", system_prompt="abc", max_tokens=100,
                                 model="deepseek-v3.2")
    answer = node.llm.EstimateCost(messages.EstimateCostRequest(request=request))
    assert answer.estimated
    # 3 bytes make 1, 7 bytes make 2; 4 for each message; 3 for the answer's start.
    assert answer.tokens.prompt_tokens == 1 + 2 + 8 + 3
    assert answer.tokens.completion_tokens == 100
    assert answer.cost.total == exact((answer.tokens.prompt_tokens + 100) * Decimal("0.42") / MILLION)
    assert upstream.chats == []


def test_an_estimate_without_counts_takes_the_default_model_and_no_tokens(node, messages):
    answer = node.llm.EstimateCost(messages.EstimateCostRequest(prompt_tokens=1_000_000))
    assert answer.cost.total == "0.42"


@pytest.mark.parametrize("fields", [{"prompt_tokens": -1}, {"completion_tokens": -1}], ids=str)
def test_negative_counts_are_refused(node, messages, fields):
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", next(iter(fields))):
        node.llm.EstimateCost(messages.EstimateCostRequest(**fields))


def test_an_estimate_of_a_request_and_counts_is_refused(node, chat, messages):
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT"):
        node.llm.EstimateCost(messages.EstimateCostRequest(
            request=chat.InvokeRequest(query="Hallo"), prompt_tokens=1))


def test_an_estimate_of_a_bad_request_names_its_field(node, chat, messages):
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT") as refusal:
        node.llm.EstimateCost(messages.EstimateCostRequest(
            request=chat.InvokeRequest(query="Hallo", temperature=3)))
    assert refusal.fields[0].endswith("temperature")
