/**
 * Builds the documentation site from docs/ and the comments of the public entries: `npm run docs:site`, into
 * site/. A page without a place in contents.mjs, and a link that leads nowhere, fail the build.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import hljs from 'highlight.js';
import { Marked } from 'marked';
import { gfmHeadingId } from 'marked-gfm-heading-id';
import { markedHighlight } from 'marked-highlight';
import { Application } from 'typedoc';
import { CONTENTS } from './contents.mjs';

const root = resolve(import.meta.dirname, '..', '..');
const out = resolve(process.argv[2] ?? join(root, 'site'));

const designNotes = readdirSync(join(root, 'docs', 'design'))
  .sort()
  .map((name) => `docs/design/${name}`);
const sections = [...CONTENTS, { heading: 'Decisions', pages: designNotes }];
const sources = sections.flatMap(({ pages }) => pages);

/** README.md is the front page; everything else keeps its path. */
const target = (source) => (source === 'README.md' ? 'index.html' : source.replace(/\.md$/, '.html'));

function checkContents() {
  const written = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const homeless = written.filter((source) => !sources.includes(source));
  if (homeless.length > 0) throw new Error(`no place in docs/site/contents.mjs: ${homeless.join(', ')}`);
}

const marked = new Marked(
  gfmHeadingId(),
  markedHighlight({
    emptyLangClass: 'hljs',
    langPrefix: 'hljs language-',
    highlight: (code, info) => {
      const language = { sh: 'bash', console: 'bash' }[info.split(' ')[0]] ?? info.split(' ')[0];
      return hljs.highlight(code, { language: hljs.getLanguage(language) ? language : 'plaintext' }).value;
    },
  }),
);

const html = (text) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const titleOf = (source) =>
  /^# (.+)$/m.exec(readFileSync(join(root, source), 'utf8'))?.[1].replaceAll('`', '') ?? source;
const titles = new Map(sources.map((source) => [source, titleOf(source)]));
/** Pictures and other files that pages link to. */
const files = new Set();
const template = readFileSync(join(import.meta.dirname, 'page.html'), 'utf8');

function page(source) {
  const here = posix.dirname(target(source));
  const to = (path) => posix.relative(here, path) || posix.basename(path);
  const navigation = sections
    .map(({ heading, pages }) => {
      const items = pages.map((other) => {
        const current = other === source ? ' aria-current="page"' : '';
        return `<li><a href="${to(target(other))}"${current}>${html(titles.get(other))}</a></li>`;
      });
      return `<h2>${html(heading)}</h2>\n<ul>\n${items.join('\n')}\n</ul>`;
    })
    .join('\n');
  const body = marked
    .parse(readFileSync(join(root, source), 'utf8'))
    .replace(/<table>/g, '<div class="wide"><table>')
    .replace(/<\/table>/g, '</table></div>')
    .replace(/(href|src)="([^":#]+)(#[^"]*)?"/g, (_, attribute, path, anchor = '') => {
      const meant = posix.normalize(posix.join(posix.dirname(source), path));
      const isPage = sources.includes(meant);
      if (!isPage && existsSync(join(root, meant))) files.add(meant);
      return `${attribute}="${to(isPage ? target(meant) : meant)}${anchor}"`;
    });
  const values = {
    title: html(titles.get(source)),
    style: to('style.css'),
    home: to('index.html'),
    reference: to('reference/index.html'),
    navigation,
    body,
  };
  return template.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);
}

async function reference() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entryPoints = Object.values(manifest.exports).map(({ default: file }) =>
    join(root, file.replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts')),
  );
  const application = await Application.bootstrap({
    entryPoints,
    tsconfig: join(root, 'tsconfig.build.json'),
    basePath: root,
    name: 'airherd',
    readme: 'none',
    disableSources: true,
    disableGit: true,
    excludePrivate: true,
    skipErrorChecking: true,
    hideGenerator: true,
    githubPages: false,
    navigationLinks: { Guides: '../index.html' },
    logLevel: 'Error',
  });
  const project = await application.convert();
  if (!project) throw new Error('typedoc could not read the entries');
  await application.generateDocs(project, join(out, 'reference'));
}

/** Every link and picture of our own pages leads to a file, and to a heading in it. */
function checkLinks() {
  const ids = (file) =>
    new Set([...readFileSync(file, 'utf8').matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
  const problems = [];
  for (const source of sources) {
    const file = join(out, target(source));
    for (const [, link] of readFileSync(file, 'utf8').matchAll(/(?:href|src)="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, anchor] = link.split('#');
      const meant = path ? resolve(dirname(file), path) : file;
      try {
        if (anchor && !ids(meant).has(anchor))
          problems.push(`${source}: no heading "${anchor}" in ${relative(out, meant)}`);
        else readFileSync(meant);
      } catch {
        problems.push(`${source}: ${link} leads nowhere`);
      }
    }
  }
  if (problems.length > 0) throw new Error(`links:\n${problems.join('\n')}`);
}

try {
  checkContents();
  rmSync(out, { recursive: true, force: true });
  for (const source of sources) {
    const file = join(out, target(source));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, page(source));
  }
  for (const file of files) cpSync(join(root, file), join(out, file), { recursive: true });
  cpSync(join(import.meta.dirname, 'style.css'), join(out, 'style.css'));
  await reference();
  checkLinks();
  console.log(`${sources.length} pages and the API reference in ${out}`);
} catch (error) {
  console.error(`docs:site: ${error.message}`);
  process.exitCode = 1;
}
