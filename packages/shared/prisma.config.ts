import { defineConfig } from 'prisma/config';

export default defineConfig({ schema: 'src/db/schema', migrations: { path: 'src/db/migrations' } });
