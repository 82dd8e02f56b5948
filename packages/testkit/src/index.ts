/**
 * What tests of several packages share: a whole API server in this process, a clock that the test turns, a network that
 * fails when the test says so, a World that has it all for one program, and files as other programs write them. Words: TestApi,
 * TestClock, Fault, WatchGate, Lifetime, World. Tests import it; the product never does.
 */
export { countAbortListeners } from './abort-listeners.ts'
export { createFaultyTransport, type Fault } from './faulty-transport.ts'
export { eventually, settled } from './eventually.ts'
export { createLifetime, type Lifetime } from './lifetime.ts'
export { createSeededRandom } from './seeded-random.ts'
export { sharedData } from './shared-data.ts'
export { startTestApi, type TestApi } from './test-api.ts'
export { createTestClock, type TestClock } from './test-clock.ts'
export { createWatchGate, type WatchGate } from './watch-gate.ts'
export { createWorld, type Mishap, type Process, type World, type WorldOptions } from './world.ts'
export { type SheetCell, type SheetInput, type WorkbookOptions, writeWorkbook } from './write-workbook.ts'
export { writeZip, type ZipFile } from './write-zip.ts'
