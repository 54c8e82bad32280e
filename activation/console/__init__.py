"""The console: pages at `/console/` for staff, resellers' users and end users, on the API's use cases.

A page's way: `routes.py` lists what there is; `pages.py` runs a page's function in `service.acting.act` and
gets a `Page` or a `SeeOther`; `showing.py` puts the viewer around it; `rendering.py` makes HTML of it.
English stands in `texts/en/`, HTML in `templates/`, the looks in `static/`.
"""
