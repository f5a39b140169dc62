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


CLASSES = {"prompt_price": "3", "completion_price": "15", "cached_prompt_price": "0.3",
           "cache_write_price": "3.75", "official_price": "20", "official_prompt_price": "6",
           "official_cached_prompt_price": "0.6", "official_cache_write_price": "7.5"}
# 300 plain, 500 cached and 200 written, 100 of answer.
PARTS = {"prompt_tokens_details": {"cached_tokens": 500}, "cache_creation_input_tokens": 200}


def test_each_class_of_tokens_has_its_own_price_and_official_price(start_node, chat, messages,
                                                                   upstream):
    node = start_node(upstream.url, default_model="m", models=priced(**CLASSES))
    upstream.answer = answers(usage(1000, 100, **PARTS))
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    told = answer.usage
    assert (told.prompt_tokens, told.cached_prompt_tokens, told.cache_write_tokens) == (1000, 500, 200)
    cost = answer.cost
    assert (cost.prompt, cost.completion, cost.total) == ("0.0018", "0.0015", "0.0033")
    assert (cost.official, cost.saved) == ("0.0056", "0.0023")
    row = node.admin.GetUsage(messages.GetUsageRequest()).total
    assert (row.usage.cached_prompt_tokens, row.usage.cache_write_tokens) == (500, 200)
    assert (row.cost.total, row.cost.official, row.unreported) == ("0.0033", "0.0056", "0")
    estimate = node.llm.EstimateCost(messages.EstimateCostRequest(
        prompt_tokens=1000, completion_tokens=100, cached_prompt_tokens=500, cache_write_tokens=200))
    assert estimate.cost == cost
    assert estimate.tokens.cache_write_tokens == 200
    hit = node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert (hit.cached, hit.usage, hit.cost.total) == (True, told, "0")
    assert hit.cost.saved == "0.0056"


def test_the_catalog_shows_the_price_of_each_class(start_node, messages, upstream):
    node = start_node(upstream.url, default_model="m", models=priced(**CLASSES))
    model = node.llm.ListModels(messages.ListModelsRequest()).models[0]
    for name, price in CLASSES.items():
        assert getattr(model, name) == price, name
    assert model.official_completion_price == "20"
    # (6 + 20 - 3 - 15) of 26.
    assert model.saving_percent == 30.8


@pytest.mark.parametrize(("counts", "field"), [
    ({"cached_prompt_tokens": 1}, "cached_prompt_tokens"),
    ({"cache_write_tokens": 1}, "cache_write_tokens"),
    ({"prompt_tokens": 9, "cached_prompt_tokens": 10}, "cached_prompt_tokens"),
    ({"prompt_tokens": 9, "cached_prompt_tokens": 5, "cache_write_tokens": 5}, "cache_write_tokens"),
    ({"prompt_tokens": 9, "cached_prompt_tokens": -1}, "cached_prompt_tokens"),
    ({"prompt_tokens": 10**9 + 1}, "prompt_tokens")], ids=str)
def test_parts_beyond_the_prompt_are_refused(node, messages, counts, field):
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", field):
        node.llm.EstimateCost(messages.EstimateCostRequest(**counts))


def test_json_shows_counts_of_a_call_as_numbers_and_sums_as_text(node, chat, messages, upstream):
    from google.protobuf.json_format import MessageToDict

    upstream.answer = answers(usage(100, 10))
    answer = MessageToDict(node.llm.Invoke(chat.InvokeRequest(query="Hallo")))
    assert (answer["tokensUsed"], answer["usage"]["promptTokens"], answer["attempts"]) == (110, 100, 1)
    total = MessageToDict(node.admin.GetUsage(messages.GetUsageRequest()).total)
    assert total["usage"]["totalTokens"] == "110"


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


@pytest.mark.parametrize("prompt", [2_000_000, 2_000_000_001, 999_999_999_999])
def test_promise_12_counts_that_the_request_cannot_make_are_estimated(node, chat, upstream, prompt):
    upstream.answer = answers(usage(prompt, 3))
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo", model="gpt-4.1"))
    assert answer.usage.estimated
    # 5 bytes make 2, 4 for the message, 3 for the answer's start.
    assert answer.tokens_used == 9 + 3
    assert answer.cost.total == exact(12 * Decimal(8) / MILLION)
    assert [f"prompt_tokens of {prompt}" in warning for warning in answer.warnings] == [True]


def test_promise_12_large_counts_stay_exact_and_so_does_their_sum(start_node, chat, messages,
                                                                  upstream):
    node = start_node(upstream.url, default_model="m", models=[
        {"id": "m", "prompt_price": "0.000001", "completion_price": "0.000003"}])
    upstream.answer = answers(usage(900_000, 999_999_999))
    request = chat.InvokeRequest(query="Hallo", max_tokens=2**31 - 1, cache={"mode": "BYPASS"})
    for _ in range(3):
        answer = node.llm.Invoke(request)
        assert (answer.tokens_used, answer.usage.estimated) == (1_000_899_999, False)
    total = node.admin.GetUsage(messages.GetUsageRequest()).total
    assert total.usage.total_tokens == 3 * 1_000_899_999
    assert Decimal(total.cost.total) == 3 * Decimal(answer.cost.total) == 3 * (
        900_000 + 3 * 999_999_999) / Decimal(10) ** 12


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
