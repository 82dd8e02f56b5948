import { silentLogger, systemClock } from '@weir/base'
import { createQemuMachines, type MachineSpec } from '@weir/engine'

/** A process that owns machines until it is killed: `owner.ts DIRECTORY SPEC-JSON`; prints the pid when the machine runs. */
const [directory = '', text = '{}'] = process.argv.slice(2)
const spec = JSON.parse(text) as MachineSpec
const machines = createQemuMachines({ directory, clock: systemClock, logger: silentLogger, accelerator: 'tcg' })
await machines.adopt()
await machines.ensure(spec, new AbortController().signal)
const state = machines.state(spec.id)
console.log(state !== undefined && state.phase !== 'Exited' ? state.pid : 'none')
setInterval(() => {}, 1000)
