/**
 * The tests that may be skipped in CI, each with the reason. summary.mjs counts every other skipped test as failed.
 * @type {{ file: string, title: RegExp, reason: string }[]}
 */
export const ALLOWED_SKIPS = [
  {
    file: 'test/integration/proxy.test.ts',
    title: /^behind (?:nginx|caddy) with the prefix /,
    reason: '`npm run setup` installs neither nginx nor Caddy',
  },
  {
    file: 'test/interop/turn.test.ts',
    title: /./,
    reason: '`npm run setup` installs no coturn',
  },
  {
    file: 'test/interop/push.test.ts',
    title: /^(?:Janus|pion) decodes /,
    reason: '`npm run setup` installs neither Janus nor Go with pion',
  },
  {
    file: 'src/server/camera-settings.test.ts',
    title: /^a file that may not be written/,
    reason: 'root may write every file; test/integration/owner.test.ts has one on a read-only file system',
  },
  {
    file: 'test/network/public-address.test.ts',
    title: /^without a forwarded UDP port/,
    reason: 'network namespaces and nftables need root',
  },
  {
    file: 'test/network/mtu.test.ts',
    title: /^no packet of ours is fragmented/,
    reason: 'only root can create network namespaces',
  },
  {
    file: 'test/network/udp-segment.test.ts',
    title: /^a device /,
    reason: 'only root can create network namespaces',
  },
  {
    file: 'test/network/from-outside.test.ts',
    title: /^doctor --from-outside/,
    reason: 'network namespaces and nftables need root',
  },
  {
    file: 'e2e/connect-failure.spec.ts',
    title: /./,
    reason: 'only root can drop packets, in a network namespace of its own',
  },
  {
    file: 'test/network/matrix.test.ts',
    title: /^(?:as expected: |a row of a network)/,
    reason: 'network namespaces and nftables need root',
  },
  {
    file: 'test/network/matrix.test.ts',
    title: /^as expected with coturn: /,
    reason: '`npm run setup` does not install coturn, and network namespaces need root',
  },
  {
    file: 'e2e/http-fallback.spec.ts',
    title: /./,
    reason: 'only root can drop packets, in a network namespace of its own',
  },
  {
    file: 'test/integration/service.test.ts',
    title: /the watchdog of the unit/,
    reason: 'it needs root, systemd and the right to change mounts, which most containers lack',
  },
  {
    file: 'test/interop/ice-tcp.test.ts',
    title: /^Chromium decodes frames over/,
    reason: 'only root can create network namespaces, and `npm run setup` does not install nftables',
  },
  {
    file: 'test/integration/systemd.test.ts',
    title: /understood by systemd/,
    reason: 'container images of Debian have no systemd-analyze',
  },
  {
    file: 'test/integration/descriptors.test.ts',
    title: /^a log on a full disk/,
    reason: 'only root can mount a small disk',
  },
  ...['many-addresses', 'reached-address'].map((name) => ({
    file: `test/integration/addresses/${name}.test.ts`,
    title: /./,
    reason: 'only root can create network namespaces',
  })),
  {
    file: 'src/rtp/stream.test.ts',
    title: /^openh264enc/,
    reason: 'not every distribution builds the openh264 plugin',
  },
  {
    file: 'src/camera/gstreamer/gst-launch.test.ts',
    title: /^openh264enc/,
    reason: 'not every distribution builds the openh264 plugin',
  },
]
