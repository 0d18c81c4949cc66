/**
 * Imports from an index file as imports from the modules that it names. esbuild counts everything that an index file
 * names among what its importer needs at once, and would put it into the first load; in the sources, index files are
 * the doors between folders.
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** A list of names between braces, which the formatter ends with a comma where it is long. */
const listed = (names) =>
  names
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);

/** Where the names that an index file gives come from. */
function exportsOf(index) {
  const found = new Map();
  for (const [, names, from] of readFileSync(index, "utf8").matchAll(/^export \{([^}]*)\} from "([^"]+)";/gm))
    for (const name of listed(names)) found.set(name, resolve(dirname(index), from));
  return found;
}

/** The lines stay where they are, for source maps. */
const throughIndexes = (source, path) =>
  source.replace(/^import \{([^}]*)\} from "(\.[^"]*\/index\.js)";/gm, (statement, names, from) => {
    const found = exportsOf(resolve(dirname(path), from.replace(/js$/, "ts")));
    const values = listed(names).filter((name) => !name.startsWith("type "));
    if (!values.every((name) => found.has(name))) return statement;
    const imports = values.map((name) => `import { ${name} } from ${JSON.stringify(found.get(name))};`);
    return imports.join(" ") + statement.replace(/[^\n]/g, "");
  });

export const throughIndexFiles = {
  name: "through-indexes",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) =>
      /[\\/]node_modules[\\/]/.test(path)
        ? undefined
        : { contents: throughIndexes(await readFile(path, "utf8"), path), loader: "ts" },
    );
  },
};
