import type { DeviceRequest, HostType, Workload } from '../problem.ts'

/** Thousandths of one device. */
const whole = 1000

/** Beyond this many trials the search gives up and says so. */
const maxTrials = 200_000

/** One device of a host with what is left of it. */
interface Device {
  readonly pool: number
  readonly model: string
  readonly isShareable: boolean
  free: number
}

/** A request for one device, or a share of one. */
type Unit = Pick<DeviceRequest, 'models' | 'shares'>

/**
 * Whether the devices of a host can serve all requests: each device asked for is one of a model that will do, taken whole or, if
 * the pool is shareable, in part. Tries every way, large requests first; `Unknown` after 200,000 trials.
 */
export function serveDevices(type: HostType, workloads: readonly Workload[]): 'Fits' | 'DoesNotFit' | 'Unknown' {
  const devices: Device[] = (type.devices ?? []).flatMap((pool, at) =>
    Array.from({ length: pool.count }, () => ({
      pool: at,
      model: pool.model,
      isShareable: pool.shareable ?? false,
      free: whole,
    })),
  )
  const units: readonly Unit[] = workloads
    .flatMap((workload) => workload.devices ?? [])
    .flatMap((request) => Array.from({ length: request.count }, () => request))
    .toSorted((a, b) => b.shares - a.shares)
  let trials = 0

  const serve = (next: number): boolean => {
    const unit = units[next]
    if (unit === undefined) return true
    for (const device of choicesFor(unit, devices)) {
      if (++trials > maxTrials) return false
      device.free -= unit.shares
      if (serve(next + 1)) return true
      device.free += unit.shares
    }
    return false
  }
  if (serve(0)) return 'Fits'
  return trials > maxTrials ? 'Unknown' : 'DoesNotFit'
}

/** The devices that can serve a unit; of equal ones the first. */
function choicesFor({ models, shares }: Unit, devices: readonly Device[]): Iterable<Device> {
  const fitting = devices.filter(
    (device) =>
      (models === undefined || models.includes(device.model)) &&
      device.free >= shares &&
      (shares === whole || device.isShareable),
  )
  return new Map(fitting.map((device) => [`${device.pool}/${device.free}`, device])).values()
}
