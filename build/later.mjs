/**
 * What is loaded by `import()` finds all there that loaded it. esbuild does not know: what main and three later modules
 * use in different selections it cuts into seven chunks, each compressed by itself. Told that the later ones import the
 * earlier, it makes one of it.
 */
import { dirname, join, resolve } from "node:path";

/** What has been loaded before: the demo on the page, all that a session begins with in a worker. */
const before = (root, importer) =>
  join(
    root,
    importer.startsWith(join(root, "components"))
      ? "components/diffusion-demo/diffusion-demo.ts"
      : "workers/session.ts",
  );

export const later = (root) => ({
  name: "later",
  setup(build) {
    build.onResolve({ filter: /^\..*\.js$/ }, ({ kind, path, importer }) => {
      if (kind !== "dynamic-import" || /[\\/]node_modules[\\/]/.test(importer)) return undefined;
      const target = resolve(dirname(importer), path);
      return { path: target, namespace: "later", pluginData: before(root, importer) };
    });
    build.onLoad({ filter: /./, namespace: "later" }, ({ path, pluginData }) => ({
      contents: `import ${JSON.stringify(pluginData)}; export * from ${JSON.stringify(path)};`,
      resolveDir: root,
      loader: "ts",
    }));
  },
});
