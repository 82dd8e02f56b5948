import type { EstateMachine } from '../model/machine.ts'

/** An operating system as far as its name tells. */
export interface OperatingSystem {
  /** The name as the source gives it; what the guest itself reported comes first. */
  readonly name: string
  readonly family: 'Windows' | 'Linux' | 'Other'
  /** As `rhel`, `windows-server`; undefined if the name says no product that is known here. */
  readonly product?: Product
  /** As `7`, `2012 R2`. */
  readonly version?: string
}

type Product =
  | 'rhel'
  | 'centos'
  | 'oracle-linux'
  | 'rocky'
  | 'alma'
  | 'sles'
  | 'ubuntu'
  | 'debian'
  | 'photon'
  | 'windows-server'
  | 'windows'

const patterns: readonly (readonly [pattern: RegExp, product: Product])[] = [
  [/red hat enterprise linux (\d+)/iu, 'rhel'],
  [/centos(?: linux)? (\d+)/iu, 'centos'],
  [/oracle linux (\d+)/iu, 'oracle-linux'],
  [/rocky linux (\d+)?/iu, 'rocky'],
  [/alma ?linux (\d+)?/iu, 'alma'],
  [/suse linux enterprise (?:server )?(\d+)/iu, 'sles'],
  [/ubuntu(?: linux)?(?: \(64-bit\))? ?(\d+\.\d+)?/iu, 'ubuntu'],
  [/debian gnu\/linux (\d+)/iu, 'debian'],
  [/photon os(?: (\d+))?/iu, 'photon'],
  [/windows server (\d{4}(?: r2)?)/iu, 'windows-server'],
  [/windows (xp|vista|7|8\.1|8|10|11)\b/iu, 'windows'],
]

/** What runs in `machine`, from its Tools or else its configuration; undefined if the source says nothing. */
export function operatingSystemOf({ guest }: EstateMachine): OperatingSystem | undefined {
  const name = guest.reportedOs ?? guest.configuredOs
  if (name === undefined || name === '') return undefined
  const family = /windows/iu.test(name)
    ? 'Windows'
    : /linux|ubuntu|debian|centos|photon|suse|coreos|fedora/iu.test(name)
      ? 'Linux'
      : 'Other'
  for (const [pattern, product] of patterns) {
    const match = pattern.exec(name)
    if (match !== null) return { name, family, product, ...(match[1] === undefined ? {} : { version: match[1].toUpperCase() }) }
  }
  return { name, family }
}

/** The last day of the maker's general support, extended programmes apart; year-month-day (makers' lifecycle pages, 2026). */
const endOfLife: { readonly [P in Product]?: Readonly<Record<string, string>> } = {
  rhel: { '4': '2012-02-29', '5': '2017-03-31', '6': '2020-11-30', '7': '2024-06-30', '8': '2029-05-31', '9': '2032-05-31' },
  centos: { '5': '2017-03-31', '6': '2020-11-30', '7': '2024-06-30', '8': '2021-12-31', '9': '2027-05-31' },
  'oracle-linux': { '5': '2017-06-30', '6': '2021-03-31', '7': '2024-12-31', '8': '2029-07-31', '9': '2032-06-30' },
  sles: { '10': '2013-07-31', '11': '2019-03-31', '12': '2024-10-31', '15': '2031-07-31' },
  debian: { '7': '2016-04-25', '8': '2018-06-17', '9': '2020-07-18', '10': '2022-09-10', '11': '2024-08-14', '12': '2026-06-10' },
  ubuntu: {
    '12.04': '2017-04-28',
    '14.04': '2019-04-25',
    '16.04': '2021-04-30',
    '18.04': '2023-05-31',
    '20.04': '2025-05-31',
    '22.04': '2027-06-01',
  },
  'windows-server': {
    '2003': '2015-07-14',
    '2003 R2': '2015-07-14',
    '2008': '2020-01-14',
    '2008 R2': '2020-01-14',
    '2012': '2023-10-10',
    '2012 R2': '2023-10-10',
    '2016': '2027-01-12',
    '2019': '2029-01-09',
    '2022': '2031-10-14',
  },
  windows: {
    XP: '2014-04-08',
    VISTA: '2017-04-11',
    '7': '2020-01-14',
    '8': '2016-01-12',
    '8.1': '2023-01-10',
    '10': '2025-10-14',
  },
}

/** When general support ends or ended, year-month-day; undefined if it is not known here. */
export const endOfLifeOf = ({ product, version }: OperatingSystem): string | undefined =>
  product === undefined || version === undefined ? undefined : endOfLife[product]?.[version]

/** True if Forklift's conversion supports the guest: RHEL 7 to 10, Windows 10 and 11, Windows Server 2016 to 2025. */
export function isConversionSupported({ product, version }: OperatingSystem): boolean {
  if (version === undefined) return false
  if (product === 'rhel') return Number(version) >= 7
  if (product === 'windows') return version === '10' || version === '11'
  return product === 'windows-server' && Number.parseInt(version, 10) >= 2016
}
