import { BlockList, isIP } from 'node:net'

/** Not routed on the Internet (RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 section 2.4). */
const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
].map(networkList)
const LOOPBACK = ['127.0.0.0/8', '::1/128'].map(networkList)
const NO_HOST = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  'fe80::/10',
  'ff00::/8',
].map(networkList)
const SHARED = networkList('100.64.0.0/10')

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}

/** Empty for what is no network. */
function networkList(network: string): BlockList {
  const list = new BlockList()
  const [address = '', bits = ''] = network.split('/')
  const family = familyOf(address)
  const isLength = /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 'ipv4' ? 32 : 128)
  if (family !== undefined && isLength) list.addSubnet(address, Number(bits), family)
  return list
}

function contains(list: BlockList, address: string): boolean {
  const family = familyOf(address)
  return family !== undefined && list.check(address, family)
}

/** @param network such as `192.168.1.20/24`. */
export const isInNetwork = (network: string, address: string): boolean =>
  contains(networkList(network), address)

export const isLoopback = (address: string): boolean => LOOPBACK.some((list) => contains(list, address))

/** Whether the Internet may route to it. */
export const isPublic = (address: string): boolean =>
  isIP(address) !== 0 && !isLoopback(address) && !PRIVATE.some((list) => contains(list, address))

/** Whether a name may lead to it: not unspecified, link-local, multicast, reserved or broadcast. */
export const isOfHost = (address: string): boolean =>
  isIP(address) !== 0 && !NO_HOST.some((list) => contains(list, address))

/** RFC 6598: the provider has a router of its own between its customers and the Internet. */
export const isCarrierGradeNat = (address: string): boolean => contains(SHARED, address)
