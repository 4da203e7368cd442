const DEFAULT_DEVICE_PORT = 8883;

/** Where a cloud's device link listens. */
export interface CloudAddress {
  host: string;
  port: number;
}

/** `mqtts://host[:port]`, nothing else: no user, path, query or fragment. Null when it is not that. */
export function parseCloudUrl(text: string): CloudAddress | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  if (url.protocol !== 'mqtts:' || url.hostname === '') return null;
  if (url.username || url.password || url.search || url.hash || !['', '/'].includes(url.pathname))
    return null;
  const port = url.port === '' ? DEFAULT_DEVICE_PORT : Number(url.port);
  if (port === 0) return null;
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port };
}
