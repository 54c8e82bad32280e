"""The business, as it is stored: resellers, orders, pools, money, customers, subscriptions."""
