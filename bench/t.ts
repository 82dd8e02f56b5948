import { plan, parseProblem } from '@weir/planner'
import { checkPlan } from '@weir/planner/checker'
const p = parseProblem({ apiVersion: 'weir.dev/v1alpha1', kind: 'PlacementProblem', resources: [{ name: 'memory', unit: 'MiB' }],
 hostTypes: [{ name: 't', capacity: { memory: 10 } }], hosts: [{name:'a',type:'t'},{name:'t-spare-1',type:'t',state:'Cordoned'}], workloads: [{ name: 'w', requests: { memory: 6 } },{ name: 'v', requests: { memory: 6 } }], policy: { failover: { hosts: 1 }, budget: {iterations: 100} } })
const m = plan(p); console.log(m.hosts, checkPlan(p, m))
