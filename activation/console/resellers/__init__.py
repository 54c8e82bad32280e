"""Sales on resellers: who they are, what they ordered, paid and owe, how their agreements end."""
