/** Writes docs/errors.md from the catalogue: `npm run docs:errors`. */
import { writeFileSync } from 'node:fs';
import { CATALOGUE, EXIT } from '../../dist/protocol/errors.js';

const rows = Object.entries(CATALOGUE).map(([code, { exit, text }]) => `| \`${code}\` | ${exit} | ${text} |`);
const page = `# Errors

Every refusal and failure is one line on standard error, \`airherd: <code>: <text>\`, and an exit code. Codes are
stable; texts may improve. Exit codes by family: ${Object.entries(EXIT)
  .map(([name, exit]) => `${exit} ${name}`)
  .join(', ')}.

| code | exit | text |
|---|---|---|
${rows.join('\n')}
`;
writeFileSync(new URL('../errors.md', import.meta.url), page);
