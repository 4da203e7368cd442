import { request } from 'node:https';

/** GET of the stub's API, as JSON. */
export const asker = (stub, token) => (path) =>
  new Promise((resolve, reject) => {
    const options = { host: 'localhost', port: stub.apiPort, path, ca: stub.trustPem };
    request({ ...options, headers: { authorization: `Token ${token}` } }, async (answer) => {
      const text = (await answer.toArray()).join('');
      if (answer.statusCode === 200) resolve(JSON.parse(text));
      else reject(new Error(`${path}: ${answer.statusCode} ${text}`));
    })
      .on('error', reject)
      .end();
  });
