import { ensurePki, type HttpsServer, type Pki, writeKubeconfig } from '@weir/apiserver'
import type { Clock, Logger } from '@weir/base'
import type { StateDirectory } from './state-directory.ts'

/** Where certificates are renewed, and who is told of new ones. */
interface RenewalDeps {
  readonly directory: StateDirectory
  /** Those that are presented now. */
  readonly pki: Pki
  readonly https: Pick<HttpsServer, 'present'>
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
}

const lookMillis = 86_400_000

/**
 * Looks once a day whether certificates end soon, until `signal`: new ones are presented to new connections and written to the
 * kubeconfig. Resolves when `signal` aborts; what fails is logged and tried again the next day, a month before it hurts.
 */
export async function renewCertificates(
  { directory, pki: presented, https, url, clock, logger }: RenewalDeps,
  signal: AbortSignal,
): Promise<void> {
  let known = presented
  for (;;) {
    await clock.sleep(lookMillis, signal)
    if (signal.aborted) return
    try {
      const pki = await ensurePki(directory.pki, clock)
      if (isSame(pki, known)) continue
      https.present(pki)
      writeKubeconfig(directory.kubeconfig, { server: url, caPem: pki.caPem, client: pki.admin })
      known = pki
      logger.info('Certificates were renewed')
    } catch (error) {
      logger.error('Certificates could not be renewed', error)
    }
  }
}

const isSame = (one: Pki, other: Pki): boolean =>
  one.caPem === other.caPem && one.server.certPem === other.server.certPem && one.admin.certPem === other.admin.certPem
