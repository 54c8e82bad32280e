"""Orders as pages show them: with the product's name, and the state in a word."""

from collections.abc import Iterable, Sequence

from activation.licensing.reselling.ordering import Method, Order, OrderState, refuse_cancelling, state_of
from activation.licensing.values import value
from activation.service.working import Work


@value
class OrderShown:
    """An order, what of, its state by a name that texts have (`overdue` beside the states that there are)."""

    order: Order
    product: str
    state: str
    may_cancel: bool

    @property
    def is_open(self) -> bool:
        """Tell whether it may still be paid."""
        return self.state in ("open", "overdue")


def show_order(work: Work, order: Order) -> OrderShown:
    """Return an order as pages show it."""
    state = state_of(order, work.now)
    is_late = state is OrderState.OPEN and order.method is not Method.ONLINE and order.due_at < work.now
    return OrderShown(
        order,
        product_name(work, order.product_id),
        "overdue" if is_late else state.name.lower(),
        refuse_cancelling(order, work.now) is None,
    )


def show_orders(work: Work, orders: Iterable[Order]) -> Sequence[OrderShown]:
    """Return orders as pages show them."""
    return [show_order(work, one) for one in orders]


def product_name(work: Work, product_id: int) -> str:
    """Return a product's code, and its number where this server has not heard of it yet."""
    product = work.desk.catalogue.by_id.get(product_id)
    return str(product_id) if product is None else product.code
