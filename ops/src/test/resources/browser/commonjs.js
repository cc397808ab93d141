// CommonJS packages in a page, without a bundler: all sources are fetched, then each runs when it is first required.

/** The player's advertisements, which nothing here asks for. */
const LEFT_OUT = ['@eyevinn/csai-manager'];

/** What a package exports. */
export async function load(name) {
  const files = new Map();
  const url = await resolve(name, import.meta.url);
  await collect(url, files);
  return run(url, files);
}

async function resolve(name, from) {
  if (name.startsWith('.')) {
    return new URL(name.endsWith('.js') ? name : `${name}.js`, from).href;
  }
  const folder = new URL(`npm/${name}/`, import.meta.url);
  const { main } = await (await fetch(new URL('package.json', folder))).json();
  return new URL(main.endsWith('/') ? `${main}index.js` : main, folder).href;
}

async function collect(url, files) {
  if (files.has(url)) {
    return;
  }
  const source = await (await fetch(url)).text();
  const needs = new Map();
  files.set(url, { source, needs, module: null });
  for (const [, name] of source.matchAll(/\brequire\(["']([^"']+)["']\)/g)) {
    if (!LEFT_OUT.includes(name) && !needs.has(name)) {
      needs.set(name, await resolve(name, url));
      await collect(needs.get(name), files);
    }
  }
}

function run(url, files) {
  const file = files.get(url);
  if (!file) {
    return {};
  }
  if (!file.module) {
    file.module = { exports: {} };
    new Function('module', 'exports', 'require', file.source)(file.module, file.module.exports,
      (name) => run(file.needs.get(name), files));
  }
  return file.module.exports;
}
