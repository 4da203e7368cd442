import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dhcpOption, dhcpv6Option, routerAdvertisementOption } from '../../cloud-stub/portal/announce.ts';
import { contrast, textOn } from '../../cloud-stub/portal/style.ts';
import { openBrowser } from '../support/browser.ts';
import { buildPcapng } from '../support/build-pcapng.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { tsharkFields } from '../support/tshark.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';
let lab: TestCloud;
let browser: Browser;
let url: string;

beforeAll(async () => {
  lab = await testCloud({ portal: { port: 0, gatePort: 0 } });
  browser = await openBrowser();
  const body = {
    enabled: true,
    network: `Hotel ${HOSTILE}`.slice(0, 32),
    texts: {
      en: {
        title: 'Welcome to the hotel',
        notice: `We keep your name. ${HOSTILE}`,
        terms: 'Be kind to others.',
      },
      de: { title: 'Willkommen im Hotel', notice: 'Wir speichern Ihren Namen.', terms: '' },
    },
    defaultLanguage: 'en',
    fields: [
      { name: 'name', required: true },
      { name: 'email', required: true },
      { name: 'field1', label: 'Room' },
    ],
    sessionMinutes: 60,
    sessionsPerDay: 0,
    guestsAtOnce: 0,
    canExtend: true,
    venuePage: null,
    accent: '#f5c400',
  };
  const { status } = await lab.api(`/api/airherd/v1/sites/${lab.siteId}/portal`, { method: 'PUT', body });
  expect(status).toBe(200);
  url = `${lab.cloud.portal?.url}/guest/${lab.siteId}`;
});
afterAll(async () => {
  await browser?.close();
  await lab?.stop();
});
const guests = async () => (await lab.api(`/api/v1/sites/${lab.siteId}/guests`)).json;

/** A browser of a guest; what it refuses and what fails is collected. */
async function open(options: { javaScriptEnabled?: boolean; locale?: string; colorScheme?: 'dark' } = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 390, height: 844 },
    locale: 'en-GB',
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().endsWith('/favicon.ico'))
      complaints.push(request.url());
  });
  return { page, complaints, close: () => context.close() };
}

/** What WCAG 2.2 AA wants of text: 4.5, measured on what the browser computed. */
const contrastsOf = (page: Page): Promise<[string, string, string][]> =>
  page.evaluate<[string, string, string][]>(String.raw`(() => {
    const hex = (colour) =>
      '#' + (colour.match(/[\d.]+/g) ?? [])
        .slice(0, 3)
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join('');
    const background = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (!/^rgba\(.*, 0\)$/.test(colour)) return hex(colour);
      }
      return '#ffffff';
    };
    return [...document.querySelectorAll('h1,h2,p,label,label span,button,a,summary,dt,dd,li')].map(
      (element) => [
        element.textContent?.slice(0, 30) ?? '',
        hex(getComputedStyle(element).color),
        background(element),
      ],
    );
  })()`);

async function expectReadable(page: Page): Promise<void> {
  const found = await contrastsOf(page);
  expect(found.length).toBeGreaterThan(4);
  for (const [text, colour, ground] of found) {
    expect(contrast(colour, ground), `${text} ${colour} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  }
}

describe.each([
  ['without script', false],
  ['with script', true],
])('a guest with a real browser, %s,', (_, javaScriptEnabled) => {
  test('reads, fills in, connects, and has it deleted', async () => {
    const { page, complaints, close } = await open({ javaScriptEnabled });
    await page.goto(url);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.getByLabel('Name').fill('Dora');
    await page.getByLabel('E-mail address').fill('nobody');
    await page.getByRole('button', { name: 'Accept and connect' }).click();
    // The alert names the field and leads to it.
    await page
      .getByRole('alert')
      .getByRole('link', { name: 'E-mail address is not an e-mail address' })
      .click();
    expect(await page.getByLabel('Name').inputValue()).toBe('Dora');
    await page.getByLabel('E-mail address').fill('dora@example.org');
    await page.getByLabel('Room (optional)').fill(HOSTILE);
    await page.getByRole('button', { name: 'Accept and connect' }).click();
    await page.getByRole('heading', { name: 'You are connected' }).waitFor();
    expect(await page.locator('dd').allTextContents()).toContain(HOSTILE);
    expect(await guests()).toMatchObject([{ name: 'Dora', email: 'dora@example.org', authorized: true }]);
    await page.getByRole('button', { name: 'Delete my data' }).click();
    await page.getByRole('heading', { name: 'Deleted' }).waitFor();
    expect(await guests()).toEqual([]);
    await page.getByRole('link', { name: 'Back to the notice' }).click();
    await page.getByRole('button', { name: 'Decline' }).click();
    await page.getByRole('heading', { name: 'You declined' }).waitFor();
    expect(await guests()).toEqual([]);
    // Nothing ran, nothing was fetched from elsewhere, the policy refused nothing of our own.
    expect(complaints.filter((text) => !/favicon|status of 4(22|04)/.test(text))).toEqual([]);
    await close();
  });
});

describe('the page', () => {
  test.each([undefined, 'dark'] as const)('can be read: contrast of all text (%s)', async (colorScheme) => {
    const { page, close } = await open({ javaScriptEnabled: true, ...(colorScheme && { colorScheme }) });
    await page.goto(url);
    await page.getByText('Terms of use').click();
    await page.getByRole('button', { name: 'Accept and connect' }).click();
    await page.getByRole('alert').waitFor();
    await expectReadable(page);
    await close();
  });

  test('is operable by keyboard: every control, in order, with a focus that shows; none is nameless', async () => {
    const { page, close } = await open({ javaScriptEnabled: true });
    await page.goto(url);
    const names: string[] = [];
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate<[string, string] | null>(`(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const labels = element instanceof HTMLInputElement ? element.labels : null;
        const name = labels?.[0]?.textContent ?? element.textContent ?? '';
        return [name.trim(), getComputedStyle(element).outlineStyle];
      })()`);
      if (!focused) break;
      expect(focused[1], focused[0]).toBe('solid');
      names.push(focused[0]);
    }
    expect(names).toEqual([
      'Terms of use',
      'Name',
      'E-mail address',
      'Room (optional)',
      'Accept and connect',
      'Decline',
      'English',
      'Deutsch',
    ]);
    await close();
  });

  test('speaks the language of the browser, fits a phone, and targets are large enough to touch', async () => {
    const { page, close } = await open({ locale: 'de-AT', javaScriptEnabled: true });
    await page.goto(url);
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.getByRole('button', { name: 'Zustimmen und verbinden' }).waitFor();
    const { wide, small } = await page.evaluate<{ wide: boolean; small: number[] }>(`(() => ({
      wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      small: [...document.querySelectorAll('button,input:not([type=hidden])')]
        .map((element) => element.getBoundingClientRect().height)
        .filter((height) => height < 44),
    }))()`);
    expect([wide, small]).toEqual([false, []]);
    await close();
  });

  test.each(['#ffffff', '#000000', '#777777', '#f5c400', '#1f5fae', '#ff0000'])(
    'text on the accent %s can be read',
    (accent) => {
      expect(contrast(accent, textOn(accent))).toBeGreaterThanOrEqual(4.5);
    },
  );
});

/** curl is what scripts use, and knows nothing of us. */
test('curl walks through it: probe, redirect, form, access', async () => {
  const portal = lab.cloud.portal;
  const jar = `${lab.dir}/curl.jar`;
  // In this process the portal answers meanwhile.
  const curl = async (...options: string[]) => {
    const all = ['-sk', '--interface', '127.0.0.77', '-b', jar, '-c', jar, ...options];
    return (await promisify(execFile)('curl', all)).stdout;
  };
  const probe = `http://127.0.0.1:${portal?.gatePort}/generate_204`;
  const status = ['-o', '/dev/null', '-w', '%{http_code}'];
  const target = await curl(...status.slice(0, 2), '-w', '%{redirect_url}', probe);
  expect(target).toBe(url);
  const page = await curl('-L', probe);
  const token = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const fields = { token, lang: 'en', name: 'Curl', email: 'curl@example.org' };
  const given = Object.entries(fields).flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]);
  expect(await curl(...status, ...given, `${url}/accept`)).toBe('303');
  expect(await curl(...status, probe)).toBe('204');
  const api = JSON.parse(await curl(`${portal?.url}/captive/${lab.siteId}`));
  expect(api).toMatchObject({ captive: false });
});

describe('RFC 8910: what networks announce, as tshark reads it', () => {
  const uri = 'https://portal.example.org:8444/captive/1f0c';

  test('DHCP option 114', async () => {
    const bootp = Buffer.alloc(240);
    bootp.set([2, 1, 6], 0);
    bootp.writeUInt32BE(0x63825363, 236);
    const message = Buffer.concat([bootp, Buffer.of(53, 1, 5), dhcpOption(uri), Buffer.of(255)]);
    const found = await fieldsOf(udp4(67, 68, message), ['dhcp.option.type', 'dhcp.option.captive_portal']);
    expect([found[0][0].slice(0, 2), found[0][1]]).toEqual([['53', '114'], [uri]]);
  });

  test('DHCPv6 option 103', async () => {
    const reply = Buffer.concat([Buffer.of(7, 0, 0, 1), dhcpv6Option(uri)]);
    const udp = Buffer.alloc(8);
    udp.writeUInt16BE(547, 0);
    udp.writeUInt16BE(546, 2);
    udp.writeUInt16BE(8 + reply.length, 4);
    const found = await fieldsOf(ipv6(17, Buffer.concat([udp, reply])), [
      'dhcpv6.option.type',
      'dhcpv6.captive_portal',
    ]);
    expect(found).toEqual([[['103'], [uri]]]);
  });

  test('router advertisement option 37', async () => {
    const option = routerAdvertisementOption(uri);
    expect(option.length % 8).toBe(0);
    const body = Buffer.concat([Buffer.of(134, 0, 0, 0, 64, 0, 7, 8), Buffer.alloc(8), option]);
    const found = await fieldsOf(ipv6(58, body), ['icmpv6.opt.type', 'icmpv6.opt.captive_portal']);
    expect(found).toEqual([[['37'], [uri]]]);
  });

  const fieldsOf = (frame: Buffer, fields: readonly string[]) => {
    const path = `${lab.dir}/announced.pcapng`;
    writeFileSync(path, buildPcapng([frame]));
    return tsharkFields(path, fields);
  };
  const ethernet = (type: number, body: Buffer) =>
    Buffer.concat([Buffer.from('3c0754c0ffee020000000001', 'hex'), Buffer.of(type >> 8, type & 255), body]);
  function udp4(from: number, to: number, payload: Buffer): Buffer {
    const udp = Buffer.alloc(8);
    udp.writeUInt16BE(from, 0);
    udp.writeUInt16BE(to, 2);
    udp.writeUInt16BE(8 + payload.length, 4);
    const ip = Buffer.from('45000000000000004011000001020304ffffffff', 'hex');
    ip.writeUInt16BE(28 + payload.length, 2);
    return ethernet(0x0800, Buffer.concat([ip, udp, payload]));
  }
  function ipv6(next: number, body: Buffer): Buffer {
    const ip = Buffer.alloc(40);
    ip.set([0x60, 0, 0, 0, 0, 0, next, 255], 0);
    ip.writeUInt16BE(body.length, 4);
    ip.set([0xfe, 0x80], 8);
    ip.set([0xff, 2], 24);
    ip[39] = 1;
    return ethernet(0x86dd, Buffer.concat([ip, body]));
  }
});
