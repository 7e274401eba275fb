const LABEL = '(?!-)[a-z0-9-]{1,63}(?<!-)'
const HOST_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'i')

/** Letters, digits and hyphens (RFC 1123 section 2.1), and no IPv4 address. Browsers accept no underscore in a certificate. */
export const isHostName = (name: string): boolean =>
  name.length <= 253 && HOST_NAME.test(name) && !/^[\d.]+$/.test(name)
