import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** The only place that says which versions of the stores are used. */
const COMPOSE_FILE = join(import.meta.dirname, '../../../../docker-compose.yml');

const Compose = z.object({ services: z.record(z.string(), z.object({ image: z.string().optional() })) });

/** The image of a service of docker-compose.yml. Throws where the file or the service names none. */
export function imageOf(service: 'postgres' | 'redis'): string {
  if (!existsSync(COMPOSE_FILE)) throw new Error(`${COMPOSE_FILE} does not exist`);
  const image = Compose.parse(parse(readFileSync(COMPOSE_FILE, 'utf8'))).services[service]?.image;
  if (!image) throw new Error(`${COMPOSE_FILE} names no image for ${service}`);
  // A default may stand there for who builds with other images: ${REDIS_IMAGE:-redis:8}.
  return image.replace(/^\$\{\w+:-([^}]+)\}$/, '$1');
}
