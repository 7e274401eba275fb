import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** A page's own bundle with the package, as its users make one: the text of its only file. */
export async function bundleElement(): Promise<string> {
  const id = 'the-page'
  const result = await build({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: id,
        resolveId: (source) => (source === id ? id : null),
        load: (module) => (module === id ? "import 'rpi-webrtc/rpi-camera.js'" : null),
      },
    ],
    build: {
      write: false,
      assetsInlineLimit: 100_000,
      rollupOptions: { input: id, output: { inlineDynamicImports: true } },
    },
  })
  const [first] = [result].flat()
  if (first === undefined || !('output' in first)) throw new Error('the element was not bundled')
  return first.output[0].code
}
