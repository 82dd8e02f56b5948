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

/**
 * Whether the devices of a host can serve all requests: a request is served by one pool of a model that will do, with whole
 * devices of its own or a share of one. Tries every way, large requests first; `Unknown` after 200,000 trials.
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
  const size = (request: DeviceRequest): number => request.count * request.shares
  const requests = workloads.flatMap((workload) => workload.devices ?? []).toSorted((a, b) => size(b) - size(a))
  let trials = 0

  const serve = (next: number): boolean => {
    const request = requests[next]
    if (request === undefined) return true
    for (const choice of choicesFor(request, devices)) {
      if (++trials > maxTrials) return false
      for (const device of choice) device.free -= request.shares
      if (serve(next + 1)) return true
      for (const device of choice) device.free += request.shares
    }
    return false
  }
  if (serve(0)) return 'Fits'
  return trials > maxTrials ? 'Unknown' : 'DoesNotFit'
}

/** The ways to serve a request, without those that differ only by which of equal devices they take. */
function choicesFor(request: DeviceRequest, devices: readonly Device[]): readonly (readonly Device[])[] {
  const will = devices.filter((device) => request.models === undefined || request.models.includes(device.model))
  if (request.shares < whole) {
    const fitting = will.filter((device) => device.isShareable && device.free >= request.shares)
    return [...new Map(fitting.map((device) => [`${device.pool}/${device.free}`, [device]])).values()]
  }
  const pools = [...new Set(will.map((device) => device.pool))]
  return pools
    .map((pool) => will.filter((device) => device.pool === pool && device.free === whole).slice(0, request.count))
    .filter((choice) => choice.length === request.count)
}
