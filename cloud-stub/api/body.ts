import type { FastifyInstance } from 'fastify';
import { ApiFailure } from './failure.ts';

/** Opening brackets that are open at once, at most; what stands in strings does not count. */
export function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (inString) {
      if (char === '\\') i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return deepest;
}

/**
 * Bodies are JSON, and say so: what a form on another site's page can send is not taken. They are never
 * decompressed, so that none can be a bomb.
 */
export function takeJsonOnly(app: FastifyInstance, mostLevels: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    if (request.headers['content-encoding'] !== undefined) {
      done(new ApiFailure(415, 'bodies are not to be compressed'));
    } else if (depthOf(text) > mostLevels) {
      done(new ApiFailure(400, `body: deeper than ${mostLevels} levels`));
    } else if (text === '') {
      done(null, undefined);
    } else {
      try {
        done(null, JSON.parse(text, dropPrototype));
      } catch {
        done(new ApiFailure(400, 'body: not JSON'));
      }
    }
  });
}

/** No key can reach a prototype. */
const dropPrototype = (key: string, value: unknown): unknown => (key === '__proto__' ? undefined : value);
