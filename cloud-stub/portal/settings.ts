import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Languages in which the page itself speaks; the customer writes its own texts in any of them. */
export const PORTAL_LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
export type PortalLanguage = (typeof PORTAL_LANGUAGES)[number];

const line = (most: number) => z.string().trim().min(1).max(most);

/** What the guest reads before saying yes or no, in one language. */
const portalText = z.strictObject({
  title: line(80),
  /** What is collected and why, in the customer's words. Paragraphs are parted by an empty line. */
  notice: line(8000),
  terms: z.string().trim().max(20_000).default(''),
});
export type PortalText = z.infer<typeof portalText>;

/** Fields that have a meaning of their own; a customer may add others. */
export const GUEST_FIELDS = ['name', 'email', 'company', 'phone'] as const;
const field = z.strictObject({
  name: z
    .string()
    .regex(/^(name|email|company|phone|field[1-4])$/, 'name, email, company, phone, field1 … field4'),
  /** For `field1` to `field4`; the others are named by the page. */
  label: line(60).optional(),
  required: z.boolean().default(false),
});
export type GuestField = z.infer<typeof field>;

export const portalSettings = z
  .strictObject({
    enabled: z.boolean(),
    /** Name of the Wi-Fi, as guests know it. */
    network: line(32),
    texts: z.partialRecord(z.enum(PORTAL_LANGUAGES), portalText),
    defaultLanguage: z.enum(PORTAL_LANGUAGES),
    /** None: nobody is asked for anything. */
    fields: z.array(field).max(8),
    sessionMinutes: z.number().int().min(1).max(43_200),
    /** Sessions of one device within 24 hours; 0 for any number. */
    sessionsPerDay: z.number().int().min(0).max(1000),
    /** Guests with access at once; 0 for any number. */
    guestsAtOnce: z.number().int().min(0).max(100_000),
    /** Whether a session that is under way may be made longer. */
    canExtend: z.boolean(),
    /** About the place (RFC 8908 `venue-info-url`); https only. */
    venuePage: z.httpUrl().max(500).startsWith('https://').nullable(),
    /** #rrggbb; text on it is made black or white, whichever can be read. */
    accent: z.string().regex(/^#[0-9a-f]{6}$/i, '#rrggbb'),
  })
  .superRefine(({ texts, defaultLanguage, fields }, context) => {
    if (!texts[defaultLanguage]) {
      context.addIssue({
        code: 'custom',
        message: `texts.${defaultLanguage}: the default language has no text`,
      });
    }
    const names = fields.map(({ name }) => name);
    if (new Set(names).size < names.length)
      context.addIssue({ code: 'custom', message: 'fields: one twice' });
    for (const { name, label } of fields) {
      if (name.startsWith('field') && label === undefined) {
        context.addIssue({ code: 'custom', message: `fields: ${name} needs a label` });
      }
    }
  });
export type PortalSettings = z.infer<typeof portalSettings>;

export const DEFAULT_PORTAL: PortalSettings = {
  enabled: false,
  network: 'Guest Wi-Fi',
  texts: {
    en: {
      title: 'Welcome',
      notice:
        'To connect you, this network keeps the address of your device and when you were here. It does not look at what you read or write.',
      terms: '',
    },
  },
  defaultLanguage: 'en',
  fields: [],
  sessionMinutes: 480,
  sessionsPerDay: 0,
  guestsAtOnce: 0,
  canExtend: true,
  venuePage: null,
  accent: '#1f5fae',
};

/** What a guest consents to: another text, another field, is another version. */
export const consentedPart = ({ texts, fields }: PortalSettings): string => JSON.stringify({ texts, fields });
export const textSha256 = (text: PortalText): string =>
  createHash('sha256')
    .update(JSON.stringify([text.title, text.notice, text.terms]))
    .digest('hex');
