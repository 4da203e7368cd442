import { request as http, type IncomingHttpHeaders } from 'node:http';
import { request as https } from 'node:https';

export interface PhoneAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  url: string;
}

/**
 * What a phone does in a guest network, without a browser: its own address, cookies, redirects, forms. `gate` is
 * where the network sends its plain HTTP, whatever host it asks for.
 */
export class GuestPhone {
  readonly #address: string;
  readonly #gatePort: number;
  readonly #ca: readonly string[];
  readonly #cookies = new Map<string, string>();
  language = 'en';

  constructor(address: string, gatePort: number, ca: readonly string[]) {
    this.#address = address;
    this.#gatePort = gatePort;
    this.#ca = ca;
  }

  /** One request; redirects are not followed. */
  ask(
    url: string,
    {
      method = 'GET',
      form,
      headers = {},
    }: { method?: string; form?: Record<string, string>; headers?: Record<string, string> } = {},
  ): Promise<PhoneAnswer> {
    const { protocol, hostname, port, pathname, search } = new URL(url);
    const body = form && new URLSearchParams(form).toString();
    const common = {
      path: pathname + search,
      method: form ? 'POST' : method,
      localAddress: this.#address,
      agent: false,
      headers: {
        host: port ? `${hostname}:${port}` : hostname,
        'accept-language': this.language,
        ...(this.#cookies.size > 0 && {
          cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        }),
        ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
    };
    return new Promise((resolve, reject) => {
      const outgoing =
        protocol === 'https:'
          ? https({ ...common, host: hostname, port, ca: [...this.#ca] })
          : http({ ...common, host: '127.0.0.1', port: this.#gatePort });
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        for (const cookie of response.headers['set-cookie'] ?? []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
          if (name) this.#cookies.set(name, value);
        }
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, url }),
        );
      });
      outgoing.end(body);
    });
  }

  /** As `ask`, going where it is sent. */
  async go(url: string, options: Parameters<GuestPhone['ask']>[1] = {}): Promise<PhoneAnswer> {
    let answer = await this.ask(url, options);
    for (let hops = 0; answer.headers.location !== undefined && hops < 5; hops++) {
      answer = await this.ask(new URL(answer.headers.location, answer.url).href);
    }
    return answer;
  }

  /** Sends the form of `page` whose action ends so, with what is hidden in it and what the guest fills in. */
  submit(page: PhoneAnswer, action: string, filled: Record<string, string> = {}): Promise<PhoneAnswer> {
    const forms = page.body.match(/<form[\s\S]*?<\/form>/g) ?? [];
    const form = forms.find((text) => text.includes(`/${action}"`));
    if (!form) throw new Error(`no form ${action} in ${page.url}`);
    const hidden = [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
    const target = new RegExp(`action="([^"]*/${action})"`).exec(form)?.[1] ?? '';
    return this.go(new URL(target, page.url).href, {
      form: { ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])), ...filled },
    });
  }
}
