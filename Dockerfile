# One image for every role: command line, Prefect worker, one-off runs. The set-up is the same script
# that prepares a bare machine (./run setup), so that there is one list of packages.
FROM debian:12.12-slim

SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /opt/hotich

# The lock files first: this layer is only made again when a dependency changes.
COPY run requirements.lock ./
COPY desk/package.json desk/package-lock.json desk/
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
 && ./run setup \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* "$HOME/.cache"

COPY pyproject.toml ./
COPY pipeline pipeline
COPY models models
COPY flows flows
COPY desk desk
COPY cli cli
COPY ocr_config ocr_config
COPY samples/batches samples/batches

RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/hotich hotich
USER 10001
ENV HOTICH_HOME=/var/lib/hotich PATH=/opt/hotich/.venv/bin:$PATH PYTHONPATH=/opt/hotich
VOLUME /var/lib/hotich

ENTRYPOINT ["/opt/hotich/run", "hotich"]
CMD ["--help"]
