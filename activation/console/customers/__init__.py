"""A reseller's customers: who they are, what they have, and licences on their way to them."""
