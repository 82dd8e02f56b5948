import type { Mutant } from './mutant.ts'

const engine = (file: string, what: string, [rule, broken]: readonly [string, string]): Mutant => ({
  file: `packages/engine/src/${file}`,
  what,
  rule,
  broken,
})
const machine = (file: string) => (what: string, rule: string, broken: string) =>
  engine(`virtual-machine/${file}.ts`, what, [rule, broken])
const instance = (file: string) => (what: string, rule: string, broken: string) =>
  engine(`virtual-machine-instance/${file}.ts`, what, [rule, broken])
const at = (file: string) => (what: string, rule: string, broken: string) => engine(`${file}.ts`, what, [rule, broken])

const desired = machine('desired')
const status = machine('machine-status')
const reconcile = machine('reconcile-machine')
const agent = instance('machine-agent')
const follow = instance('follow-machine')
const end = instance('end-machine')
const placement = at('placement/reconcile-placement')
const ledger = at('placement/ledger')
const fit = at('placement/first-fit')
const claim = at('claim/reconcile-claim')
const dataVolume = at('data-volume/reconcile-data-volume')
const observe = at('data-volume/observe-volume')
const heartbeat = at('host/heartbeat')
const host = at('host/reconcile-host')
const plan = at('host/plan-hosts')
const arrange = at('host/arrange-hosts')
const lifecycle = at('node-lifecycle/reconcile-lifecycle')
const verbs = at('subresources/verbs')

/** Rules of the engine that its tests must not let anybody break. */
export const mutants: readonly Mutant[] = [
  desired('Always does not restart', "return { kind: isFinal(instance) ? 'Delete' : 'None' }", "return { kind: 'None' }"),
  desired('Once runs again', "case 'Once':\n      return isNew", "case 'Once':\n      return true"),
  desired('RerunOnFailure forgets failures', ' || machine.status?.startFailure !== undefined', ''),
  desired('Halted lets run', "case 'Halted':\n      return { kind: 'Delete' }", "case 'Halted':\n      return { kind: 'None' }"),
  desired('no back-off', 'return retryAt(machine) > view.now', 'return retryAt(machine) > Infinity'),
  desired('starts without disks', "if (disks.kind !== 'Ready') return { kind: 'None' }", ''),
  desired('takes a name that is taken', 'if (view.isNameTaken)', 'if (false as boolean)'),
  machine('machine-view')('a stop hits any instance', 'request.uid === instance.metadata.uid', 'true'),
  machine('disks-state')('starts on a claim that is going', ' || claim.metadata.deletionTimestamp !== undefined', ''),
  machine('owned-objects')(
    'fills a disk again whose claim is there',
    'if (cacheOf(persistentVolumeClaim).get({ namespace, name }) !== undefined) continue',
    '',
  ),
  status('a strategy that waits counts as started', 'instance !== undefined || !isOneShot(strategy)', 'true'),
  status('failures are counted at every look', ' || before?.lastFailedVMIUID === uid', ''),
  status('requests are never done', 'return isDone ? requests.slice(1) : requests', 'return requests'),
  status('failures are never forgotten', "if (phase === 'Running' || phase === 'Succeeded') return undefined", ''),
  status('a lost host is believed', 'if (isHostLost) return', 'if (false as boolean) return'),
  reconcile(
    'acts before it has written',
    'if (await scope.writer.patchStatus(machine, { conditions: [], status: machineStatus(view, action) }, signal)) return wait\n      return refused === undefined ? act(scope, view, action) : tryAgain',
    'const next = refused === undefined ? await act(scope, view, action) : tryAgain\n      await scope.writer.patchStatus(machine, { conditions: [], status: machineStatus(view, action) }, signal)\n      return next',
  ),
  reconcile(
    'lets the machine go before its guest',
    'if (view.instance !== undefined && !isOrphaning) {',
    'if (false as boolean) {',
  ),
  reconcile('ends orphans', 'view.instance !== undefined && !isOrphaning', 'view.instance !== undefined'),
  reconcile(
    'waits for what nobody tells',
    'work: () => createInstance(scope, view.machine) })\n      return lookAgain',
    'work: () => createInstance(scope, view.machine) })\n      return wait',
  ),
  agent('touches what is on other hosts', 'status?.nodeName === host', 'status?.nodeName !== undefined'),
  agent('no finalizer', 'if (await writer.ensureFinalizer(instance, signal)) return wait', ''),
  agent('leaves scratch disks', 'await removeEmptyDisks(volumes, instance)', ''),
  agent('hears no changes of machines', 'if (instance !== undefined && isOurs(instance)) wake(keyOf(instance))', ''),
  follow('a lost machine lives twice', "if (instance.status?.phase === 'Running') return lost(deps, instance)", ''),
  follow('leaves ended processes', 'await machines.remove(id)', ''),
  follow('uses ports before they are kept', 'return { conditions: [], status: { interfaces }, next: wait }', '{}'),
  follow('a missing disk is a failure', "if (error.code === 'MACHINE_DATA_MISSING')", 'if (false as boolean)'),
  follow(
    'an unreachable API ends a machine',
    "if (error.code.startsWith('API_') || error.code.startsWith('CLIENT_')) throw error",
    '',
  ),
  end('pulls the plug at once', 'if (remaining > 0) {', 'if (false as boolean) {'),
  end('never pulls the plug', 'if (remaining > 0) {', 'if (true as boolean) {'),
  end('a paused guest is not woken', 'if (isPaused) await machines.unpause(id)', ''),
  instance('unowned-machines')(
    'leaves machines without an instance',
    'index.byUid(id) !== undefined || machines.state(id) === undefined',
    'true',
  ),
  instance('ports')('gives a port twice', 'if (taken.has(port)) continue', ''),
  instance('machine-parts')('scratch disks share one image', '/^[\\w-]{1,64}$/u.test(id) ? id :', 'true ? id.slice(0, 64) :'),
  placement('decides without counting decisions', "if (found.kind === 'Placed') ledger.assume(instance, found.nodeName)", ''),
  placement('places what is being deleted', ' && instance.metadata.deletionTimestamp === undefined', ''),
  placement('does not look at the spec', 'if (causes.length > 0) {', 'if (false as boolean) {'),
  placement('waits though room is free', 'ledger.onFreed(() =>', 'ledger.onFreed(() => undefined) ?? (() =>'),
  ledger('what has ended takes room', 'nodeName !== undefined && !isFinal(instance)', 'nodeName !== undefined'),
  ledger('does not tell of room', 'if (isFreed) listeners.forEach((listener) => listener())', ''),
  fit('uses hosts that are lost', "if (!isConditionTrue(status?.conditions, 'Ready')) return 'node(s) were not ready'", ''),
  fit('uses cordoned hosts', "if (spec?.unschedulable === true) return 'node(s) were unschedulable'", ''),
  fit('crowds hosts', "return 'Insufficient memory'", 'return undefined'),
  claim('deletes an image in use', 'if (isUsed(claim)) return wait', ''),
  claim('leaves images', "await volumes.remove(claim.metadata.uid ?? '')", ''),
  claim(
    'leaves volumes',
    "await client.delete(persistentVolume, { name: volumeName(claim) }).catch(ignore('API_NOT_FOUND'))",
    '',
  ),
  claim('grows under a guest', 'found.sizeBytes < wanted && !isUsed', 'found.sizeBytes < wanted'),
  claim('takes claims of others', ' || !isLocal(claim)', ''),
  dataVolume('tries again what failed for good', "if (object.status?.phase === 'Failed') return wait", ''),
  dataVolume(
    'fills a claim of somebody else',
    'if (claim.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid) !== true)',
    'if (false as boolean)',
  ),
  observe('tries again at once', "state?.kind === 'Failed' && state.retryAtMillis > clock.now()", 'false as boolean'),
  observe('clones a disk in use', 'users.usingClaim(source).length === 0', 'true'),
  observe('clones across namespaces', 'if (source.namespace !== claim.metadata.namespace)', 'if (false as boolean)'),
  observe(
    'does not count restarts',
    "isRestart: before === 'ImportInProgress' || before === 'ImportScheduled'",
    'isRestart: false',
  ),
  at('data-volume/transfers')('the wait does not grow', 'firstRetryMillis * 2 ** Math.min(10, count - 1)', 'firstRetryMillis'),
  heartbeat('a failed renewal counts', 'await renew(client, host, now)\n', 'await renew(client, host, now).catch(() => {})\n'),
  heartbeat('a Lease lasts for ever', 'clock.now() - renewedAt < leaseSeconds * 1000', 'true'),
  host('calls itself ready though it is not heard', 'if (!heartbeat.isFresh()) return true', ''),
  host('stays away when its Node is deleted', 'await register(context.client, name, signal)\n', '\n'),
  lifecycle(
    'believes the clock of the Lease',
    'return clock.now() - (seen.get(name)?.at ?? clock.now())',
    "return clock.now() - Date.parse(renewTime ?? '1970')",
  ),
  lifecycle('never loses a host', 'if (remaining > 0)', 'if (true as boolean)'),
  lifecycle('loses a host again and again', "if (ready?.status === 'Unknown') return undefined", ''),
  plan('forgets who stays', 'if (names.has(nodeOf(instance))) take(nodeOf(instance), needOf(instance))', '{}'),
  plan('forgets who moved', 'take(found.nodeName, need)\n', '\n'),
  plan('asks the small first', 'b.need.memoryBytes - a.need.memoryBytes', 'a.need.memoryBytes - b.need.memoryBytes'),
  arrange(
    'changes things before it refuses',
    "if (plan.kind === 'Refused') throw refused(count, plan.refusals)",
    "for (const { metadata } of retired) await retire(deps, metadata.name, signal)\n  if (plan.kind === 'Refused') throw refused(count, plan.refusals)",
  ),
  arrange(
    'leaves the Nodes of hosts that went',
    'for (const { metadata } of retired) await retire(deps, metadata.name, signal)',
    '',
  ),
  arrange('takes Nodes of others', 'items.filter(isHostNode)', 'items'),
  at('host/host-names')('hosts are renamed when others come', 'index === 0 ? name :', 'index === 0 && count === 1 ? name :'),
  verbs('forgets what was asked before', "throw refuse('unable to complete request: stop/start already underway')", '{}'),
  verbs('does what it should only check', "Array.isArray(dryRun) && dryRun.includes('All')", 'false'),
  verbs('changes the words of a machine', 'machine.spec.running === undefined ?', 'true ?'),
  {
    file: 'packages/runtime/src/object-writer.ts',
    what: 'works for an object that is gone',
    rule: 'await setFinalizers(object, [...present, finalizer], signal)\n      return true',
    broken: 'return await setFinalizers(object, [...present, finalizer], signal)',
  },
]
