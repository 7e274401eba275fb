import { networkInterfaces } from 'node:os'
import { filesBeside, type CertificateFiles } from '../certificate/files.js'
import { localNames } from '../certificate/local-names.js'
import { authorityOf, renewOwn, type OwnAuthority } from '../certificate/own.js'
import type { Config } from '../config/types.js'
import { createMachineNames } from '../lib/machine-names.js'
import type { Log } from '../log.js'

const CHECK_INTERVAL_MS = 3600 * 1000

/** The certificate that `rpi-webrtc certificate` made, if the configuration names it. */
export interface OwnCertificate extends Disposable {
  /** Renews it if that is due. The new files are noticed as those of any other certificate. Never rejects. */
  renew(): Promise<void>
  /** The authority that signed the certificate in force. @param cert PEM. */
  authority(cert: string | undefined): Promise<OwnAuthority | undefined>
}

export interface OwnCertificateOptions {
  intervalMs?: number
  nowMs?: () => number
  interfaces?: typeof networkInterfaces
}

/** Renews the certificate every hour if it is due, and knows its authority. */
export function createOwnCertificate(
  config: Config,
  log: Log,
  {
    intervalMs = CHECK_INTERVAL_MS,
    nowMs = Date.now,
    interfaces = networkInterfaces,
  }: OwnCertificateOptions = {},
): OwnCertificate {
  const machineNames = createMachineNames()
  let known: { cert: string; authority: OwnAuthority | undefined } | undefined
  let warned: string | undefined

  const files = (): CertificateFiles | undefined => {
    const { tls } = config.server
    return tls && filesBeside(tls.certPath, tls.keyPath)
  }
  const names = (): string[] => {
    const { access, piIp } = config.server
    const configured = [...access.names, ...(piIp === undefined ? [] : [piIp])]
    return localNames({ machineNames: machineNames(), interfaces: interfaces(), configured })
  }
  const renew = async (): Promise<void> => {
    const own = files()
    if (own === undefined) return
    try {
      const result = await renewOwn(own, names(), nowMs())
      if (result === undefined) return
      if ('renewed' in result) return log.info(`${own.cert} is made anew: ${result.renewed}`)
      const sentence = `${own.cert} expires on ${result.validTo.toISOString().slice(0, 10)} and cannot be renewed: ${result.failed}. Run "sudo rpi-webrtc certificate" again`
      if (sentence !== warned) log.warn(sentence)
      warned = sentence
    } catch (error) {
      log.debug('the certificate could not be checked', { error: String(error) })
    }
  }
  const timer = setInterval(() => void renew(), intervalMs)

  return {
    renew,
    authority: async (cert) => {
      const own = files()
      if (own === undefined || cert === undefined) return undefined
      if (known?.cert !== cert) known = { cert, authority: await authorityOf(own, cert) }
      return known.authority
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
