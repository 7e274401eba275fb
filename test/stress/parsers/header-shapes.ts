import { filled, runs, type Shapes } from './shapes.js'

/** As Node hands headers over: a character for each byte, and no line ends. */
const asHeaders = (shapes: Shapes): Shapes =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      (bytes: number) => Buffer.from(shape(bytes)).toString('latin1').slice(0, bytes),
    ]),
  )

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const of = (shapes: Shapes, wrap: (text: string) => string, share = 1): Shapes =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, (bytes: number) => wrap(shape(bytes * share))]),
  )
const named = (prefix: string, shapes: Shapes): Shapes =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${prefix}: ${name}`, shape]))

/** Marks that a normal form has to put in order, which are the other way round: ICU and Node's URL sort them one by one. */
const marks = (bytes: number): string =>
  ['\u0345', '\u0315', '\u0300', '\u0334'].map((mark) => mark.repeat(bytes / 8)).join('')

const ideographs = filled((i) => String.fromCodePoint(0x4e00 + (i % 20_000)))

const credentials: Shapes = {
  ...runs,
  marks: (bytes) => `a${marks(bytes)}`,
  'marks by turns': filled('\u0315\u0300\u0334', 'a'),
}

export const authorizations: Shapes = asHeaders({
  ...runs,
  ...named(
    'Bearer',
    of(runs, (text) => `Bearer ${text}`),
  ),
  ...named(
    'Basic',
    of(runs, (text) => `Basic ${text}`),
  ),
  ...named(
    'name',
    of(credentials, (text) => basic(`${text}:x`), 3 / 8),
  ),
  ...named(
    'password',
    of(credentials, (text) => basic(`anna:${text}`), 3 / 8),
  ),
  'signs at the end': filled('=', 'Basic a', ' x'),
  'spaces at the end': filled(' ', 'Basic a', 'x'),
})

export const cookies: Shapes = asHeaders({
  ...runs,
  'ours over and over': filled('rpi-webrtc-8080=x; '),
  'ours with what no cookie has': filled('rpi-webrtc-8080=\u0001;'),
  'others before ours': filled('a=b; ', '', 'rpi-webrtc-8080=x'),
  'a long one': filled('a', 'rpi-webrtc-8080='),
  'escapes that are wrong': filled('%c3%28', 'rpi-webrtc-8080='),
  'wrong escapes among letters': filled('a%ff', 'rpi-webrtc-8080='),
  'dots in ours': filled('.', 'rpi-webrtc-8080=admin'),
  'a long expiry': filled('9', 'rpi-webrtc-8080=admin.', '.x'),
})

const hosts: Shapes = {
  ...runs,
  'escaped marks': (bytes) => `a${encodeURIComponent(marks(bytes / 3))}`,
  'escaped ideographs': (bytes) => encodeURIComponent(ideographs(bytes / 9)),
  'letters of latin-1': filled('\u00e4\u00f6'),
  punycode: filled('a', 'xn--'),
  'punycode of both': (bytes) => `xn--${'0'.repeat(bytes / 2)}-${'a'.repeat(bytes / 2)}`,
  'labels of punycode': filled('xn--4ca.'),
  'a number': filled('9', '0x'),
  'an IPv6 address': filled('1:', '[', ']'),
  ports: filled(':8080'),
  users: filled('a@'),
}

export const origins: Shapes = asHeaders({
  ...runs,
  ...named(
    'http',
    of(hosts, (text) => `http://${text}`),
  ),
  ...named(
    'path',
    of(runs, (text) => `http://a/${text}`),
  ),
})

export const hostHeaders: Shapes = asHeaders(hosts)

export const forwarded: Shapes = asHeaders({
  ...runs,
  'trusted hops': filled('10.0.0.2, '),
  'open quotes': filled('for="'),
  'escapes in quotes': filled('\\\\"', 'for="', '"'),
  parameters: filled('for=10.0.0.2;'),
  'elements of many parameters': filled('for=10.0.0.2;a="b", '),
  segments: filled('/a'),
  hosts: filled('xn--4ca,'),
  'an IPv6 address': filled('1:', '[', ']'),
})

export const entityTags: Shapes = asHeaders({
  ...runs,
  tags: filled('"a", '),
  'weak tags': filled('W/"a",'),
  'weak letters': filled('W/'),
  'an open tag': filled('a', '"'),
  'spaces before a tag': filled(' ', '', '"a"'),
})

export const contentTypes: Shapes = asHeaders({ ...runs, parameters: filled('; a=b', 'application/sdp') })

export const accepts: Shapes = asHeaders({
  ...runs,
  ranges: filled('text/html,'),
  parameters: filled(';a=b', 'text/html'),
  weights: filled(';q=0.', 'text/html'),
  'spaces before a weight': filled(' ', 'text/html;', 'q=1'),
})

const safe: Shapes = {
  slashes: filled('/'),
  dots: filled('/.'),
  'double dots': filled('/..'),
  'escaped slashes': filled('%2f'),
  'wrong escapes': filled('%c3%28'),
  'escapes of percents': filled('%25'),
  'no escapes': filled('%zz'),
  'wrong escapes among letters': filled('a%ff'),
  'half escapes': filled('%2'),
  letters: filled('a'),
  digits: filled('1'),
  segments: filled('/a'),
}

/** Up to and above the length at which it is not read. */
export const addresses: Shapes = {
  ...safe,
  'dot segments': filled('../'),
  'escaped dot segments': filled('%2e%2e/'),
  'reverse solidi': filled('\\'),
  hosts: filled('//xn--4ca.'),
}

export const paths: Shapes = {
  ...named(
    'root',
    of(safe, (text) => `/${text}`),
  ),
  ...named(
    'camera',
    of(safe, (text) => `/camera1/${text}`),
  ),
  ...named(
    'camera number',
    of({ digits: filled('1') }, (text) => `/camera${text}/whep`),
  ),
  ...named(
    'whep',
    of(safe, (text) => `/camera1/whep/${text}`),
  ),
  ...named(
    'assets',
    of(safe, (text) => `/assets/${text}`),
  ),
  ...named(
    'player',
    of(safe, (text) => `/player/${text}`),
  ),
  ...named(
    'viewers',
    of(safe, (text) => `/api/viewers/${text}`),
  ),
}

const parameters: Shapes = {
  'names without values': filled('a&'),
  'names and an escape': filled('a&', '', '%41=b'),
  'names before the one': filled('a=&', '', 'token=x'),
  'the one over and over': filled('token&'),
  'almost the one': filled('tokenx=1&'),
  'almost the one and an escape': filled('token%&'),
  'ampersands and an escape': filled('&', '%&'),
  'signs of equality': filled('='),
  'question marks': filled('?'),
  'plus signs': filled('+'),
  'wrong escapes': filled('%c3%28', 'token='),
  'escapes of marks': (bytes) => `token=${encodeURIComponent(marks(bytes / 3))}`,
  'a long value': filled('a', 'token='),
  'wrong escapes among letters': filled('a%ff', 'token='),
  'wrong names among right ones': filled('%ff&'),
  'digits for a delay': filled('9', 'max_delay='),
  'escapes before the one': filled('%41=&', '', 'token=x'),
}

export const queries: Shapes = {
  ...named(
    'health',
    of(parameters, (text) => `/health?${text}`),
  ),
  ...named(
    'a picture',
    of(parameters, (text) => `/snapshot.jpg?${text.replaceAll('token', 'max_delay')}`),
  ),
  ...named(
    'go2rtc',
    of(parameters, (text) => `/api/frame.jpeg?${text.replaceAll('token', 'src')}`),
  ),
}
