declare module '@iarna/toml/parse-string.js' {
  export { parse as default } from '@iarna/toml'
}
