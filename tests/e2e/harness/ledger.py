"""What answers add up to, and what the ledger says they do."""

from decimal import Decimal


def sums(answers):
    """Calls, tokens, cost and savings, as `kept`."""
    return (len(answers), sum(a.usage.total_tokens for a in answers),
            sum(Decimal(a.cost.total) for a in answers), sum(Decimal(a.cost.saved) for a in answers))


def kept(node, messages):
    """The same of the ledger's total."""
    total = node.admin.GetUsage(messages.GetUsageRequest()).total
    return (total.calls, total.usage.total_tokens, Decimal(total.cost.total), Decimal(total.cost.saved))
