"""PostgreSQL: stores the facts and guards every write. It never decides.

* `embedded`: a PostgreSQL of our own, started and stopped
* `migrations`: the schema, step by step
* `sql`: every statement, one file each
* `pool`: connections, and the settings they refuse to work without
* `holdings`: the batch's read and its guarded write
* `accounts`, `products`, `staff`, `failures`: the smaller readers and writers
"""
