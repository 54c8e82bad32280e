"""End users' own pages: their licences and devices, their data, their account."""
