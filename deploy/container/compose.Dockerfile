# Docker Compose 2, for machines whose own is older: the smoke test runs it from this image, beside the machine's engine.
FROM node:24.21.0-trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends docker-compose docker-cli ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
ENTRYPOINT ["docker-compose"]
