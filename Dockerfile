# The images of the full stack. Targets: `service` (every service but one, and the orchestrator command), `validator` (the
# same with the sandbox and toolchains), `vendors` (the model servers of the tests).
#
# Each layer depends only on what is copied before it: manifests, then packages, then sources. Packages are pruned to what
# production needs, in the layout of the workspace: Node strips no types below node_modules, where `pnpm deploy` would put
# our own packages.

FROM node:24.21.0-trixie-slim AS base
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git openssh-client \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
WORKDIR /app

FROM base AS manifests
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml .npmrc ./
COPY packages/cli/package.json packages/cli/
COPY packages/demo/package.json packages/demo/
COPY packages/deployment/package.json packages/deployment/
COPY packages/embedded/package.json packages/embedded/
COPY packages/shared/package.json packages/shared/
COPY packages/testkit/package.json packages/testkit/
COPY services/analyzer/package.json services/analyzer/
COPY services/coder/package.json services/coder/
COPY services/notifier/package.json services/notifier/
COPY services/scheduler/package.json services/scheduler/
COPY services/validator/package.json services/validator/
COPY deploy/container/prune-packages.sh /usr/local/bin/
# Builds outside a container take the version of pnpm from the same place.
RUN npm install --global --no-audit --no-fund "$(node -p "require('./package.json').packageManager")"

FROM manifests AS packages
RUN --mount=type=cache,id=orchestrator-pnpm,target=/pnpm/store \
    pnpm install --store-dir /pnpm/store --frozen-lockfile --prod --ignore-scripts --filter '@orchestrator/cli...'
RUN prune-packages.sh

FROM manifests AS vendor-packages
RUN --mount=type=cache,id=orchestrator-pnpm,target=/pnpm/store \
    pnpm install --store-dir /pnpm/store --frozen-lockfile --prod --ignore-scripts --filter '@orchestrator/testkit...'
RUN prune-packages.sh

FROM manifests AS client
RUN --mount=type=cache,id=orchestrator-pnpm,target=/pnpm/store \
    pnpm install --store-dir /pnpm/store --frozen-lockfile --ignore-scripts --filter ai-orchestrator
COPY packages/shared/prisma.config.ts packages/shared/
COPY packages/shared/src/db/schema packages/shared/src/db/schema
# Any executable will do: generating does not use the engine that Prisma would download.
RUN cd packages/shared && PRISMA_SCHEMA_ENGINE_BINARY=/usr/local/bin/node PRISMA_HIDE_UPDATE_MESSAGE=1 ../../node_modules/.bin/prisma generate

FROM base AS shared-sources
COPY packages/shared packages/shared
COPY --from=client /app/packages/shared/src/db/generated packages/shared/src/db/generated

FROM base AS sources
COPY package.json ./
COPY packages/cli packages/cli
COPY packages/embedded packages/embedded
COPY services services
COPY deploy/container deploy/container
COPY --from=shared-sources /app/packages/shared packages/shared

FROM base AS runtime
# A volume that is made at this place belongs to the user that the services run as.
RUN mkdir -p /var/lib/orchestrator/patches /repositories \
 && chown -R node:node /var/lib/orchestrator \
 && ln -s /app/packages/cli/src/main.ts /usr/local/bin/orchestrator
# Services wait most of the time: a small nursery and few arenas take 30 MB off what each holds while idle.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=1 \
    MALLOC_ARENA_MAX=2 \
    ORCHESTRATOR_HOME=/var/lib/orchestrator \
    ORCHESTRATOR_HEALTH_ADDRESS=0.0.0.0:8081
USER node
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --retries=3 CMD ["/app/deploy/container/health-check.sh"]

FROM runtime AS service
COPY --from=packages /app /app
COPY --from=sources /app /app

FROM runtime AS toolchains
USER root
# What the repositories that are worked on need to build. Anything but `true` leaves a toolchain out.
ARG WITH_JAVA=true
ARG WITH_PYTHON=true
ARG WITH_GO=true
ARG WITH_RUST=true
ARG WITH_C=true
# More packages of Debian, separated by spaces.
ARG EXTRA_PACKAGES=""
RUN set -eu; \
    chosen="bubblewrap util-linux procps"; \
    [ "$WITH_JAVA" != true ] || chosen="$chosen openjdk-21-jdk-headless maven"; \
    [ "$WITH_PYTHON" != true ] || chosen="$chosen python3 python3-venv python3-pip python3-pytest"; \
    [ "$WITH_GO" != true ] || chosen="$chosen golang-go"; \
    [ "$WITH_RUST" != true ] || chosen="$chosen cargo rustc"; \
    [ "$WITH_C" != true ] || chosen="$chosen gcc g++ make libc6-dev"; \
    apt-get update; \
    apt-get install -y --no-install-recommends $chosen $EXTRA_PACKAGES; \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/*
USER node

FROM toolchains AS validator
COPY --from=packages /app /app
COPY --from=sources /app /app
CMD ["node", "services/validator/src/main.ts"]

FROM runtime AS vendors
COPY --from=vendor-packages /app /app
COPY package.json ./
COPY packages/testkit packages/testkit
COPY examples examples
COPY --from=shared-sources /app/packages/shared packages/shared
HEALTHCHECK NONE
CMD ["node", "packages/testkit/src/serve-models.ts", "examples/text-kit.answers"]
