import type { Schema } from './definition.ts'
import { dataVolumeSpec } from './cdi.ts'
import { domain } from './kubevirt-domain-schema.ts'
import { instanceConditions, instancePhases, machineConditions, printableStatuses, runStrategies } from './kubevirt-names.ts'
import {
  boolean,
  conditionsOf,
  integer,
  list,
  object,
  oneOfStrings,
  open,
  quantity,
  string,
  stringMap,
  time,
  wordsOf,
} from './schemas.ts'

const cloudInit = object({
  userData: string('cloud-init user data'),
  userDataBase64: string(),
  secretRef: object({ name: string() }),
  networkData: string('cloud-init network configuration'),
  networkDataBase64: string(),
  networkDataSecretRef: object({ name: string() }),
})

const volume: Schema = object(
  {
    name: string('Disks name it'),
    persistentVolumeClaim: object(
      { claimName: string(), readOnly: boolean(), hotpluggable: boolean() },
      { required: ['claimName'], description: 'A claim of the namespace' },
    ),
    dataVolume: object(
      { name: string(), hotpluggable: boolean() },
      { required: ['name'], description: 'A DataVolume of the namespace' },
    ),
    cloudInitNoCloud: { ...cloudInit, description: 'A seed disk for cloud-init' },
    cloudInitConfigDrive: cloudInit,
    emptyDisk: object(
      { capacity: quantity() },
      { required: ['capacity'], description: 'Scratch space for one life of the machine' },
    ),
    containerDisk: object(
      { image: string(), imagePullSecret: string(), imagePullPolicy: string(), path: string() },
      { required: ['image'] },
    ),
    configMap: open,
    secret: open,
    serviceAccount: open,
    sysprep: open,
    downwardAPI: open,
    downwardMetrics: open,
    ephemeral: open,
    hostDisk: open,
    memoryDump: open,
  },
  { required: ['name'] },
)

const credentialSource = object(
  { secret: object({ secretName: string() }, { required: ['secretName'] }) },
  { description: 'Where the credential is kept' },
)

const accessCredential: Schema = object({
  sshPublicKey: object(
    {
      source: credentialSource,
      propagationMethod: object({
        noCloud: open,
        configDrive: open,
        qemuGuestAgent: object({ users: list(string(), 'Users of the guest that get the keys') }, { required: ['users'] }),
      }),
    },
    { required: ['source', 'propagationMethod'], description: 'Keys that may log in by SSH' },
  ),
  userPassword: object(
    { source: credentialSource, propagationMethod: object({ qemuGuestAgent: open }) },
    { required: ['source', 'propagationMethod'], description: 'Passwords by user name' },
  ),
})

/** `spec` of a VirtualMachineInstance, and of a VirtualMachine's template. */
const instanceSpec: Schema = object(
  {
    domain,
    volumes: { ...list(volume), maxItems: 256 },
    networks: {
      ...list(
        object(
          {
            name: string(),
            pod: open,
            multus: object({ networkName: string(), default: boolean() }, { required: ['networkName'] }),
          },
          { required: ['name'] },
        ),
      ),
      maxItems: 256,
    },
    nodeSelector: { ...stringMap, description: 'Labels that the host must have' },
    hostname: string('Host name that cloud-init sets'),
    subdomain: string(),
    terminationGracePeriodSeconds: integer('Seconds that the guest may take to power off; 30 if absent', 0),
    evictionStrategy: string(),
    startStrategy: string(),
    architecture: string(),
    priorityClassName: string(),
    schedulerName: string(),
    affinity: open,
    tolerations: list(open),
    topologySpreadConstraints: list(open),
    livenessProbe: open,
    readinessProbe: open,
    accessCredentials: { ...list(accessCredential, 'Secrets that are brought into the guest'), maxItems: 256 },
    dnsPolicy: string(),
    dnsConfig: open,
  },
  { required: ['domain'] },
)

export const virtualMachineSchema: Schema = object(
  {
    spec: object(
      {
        running: boolean('Old form of runStrategy: true is Always, false is Halted'),
        runStrategy: oneOfStrings(Object.keys(runStrategies), `Who decides whether it runs. ${wordsOf(runStrategies)}`),
        dataVolumeTemplates: list(
          object({ apiVersion: string(), kind: string(), metadata: open, spec: dataVolumeSpec }, { required: ['spec'] }),
          'Disks made with the machine and deleted with it',
        ),
        template: object({ metadata: open, spec: instanceSpec }, { required: ['spec'], description: 'The machine itself' }),
        instancetype: open,
        preference: open,
        updateVolumesStrategy: string(),
      },
      { required: ['template'] },
    ),
    status: object({
      created: boolean('True if there is an instance'),
      ready: boolean('True if the guest runs'),
      printableStatus: { ...string(`The state in one word. ${wordsOf(printableStatuses)}`), default: 'Stopped' },
      runStrategy: string(),
      observedGeneration: integer(),
      desiredGeneration: integer(),
      conditions: conditionsOf(machineConditions),
      stateChangeRequests: list(object({ action: string(), uid: string(), data: stringMap }, { required: ['action'] })),
      startFailure: object({ consecutiveFailCount: integer(), lastFailedVMIUID: string(), retryAfterTimestamp: time }),
      restoreInProgress: string(),
      snapshotInProgress: string(),
      volumeRequests: list(open),
      volumeSnapshotStatuses: list(open),
    }),
  },
  { required: ['spec'] },
)

export const virtualMachineInstanceSchema: Schema = object(
  {
    spec: instanceSpec,
    status: object({
      phase: string(`Where it is between power-on and power-off. ${wordsOf(instancePhases)}`),
      reason: string(),
      nodeName: string('The host that runs it'),
      conditions: conditionsOf(instanceConditions),
      interfaces: list(
        object({
          name: string(),
          mac: string(),
          ipAddress: string(),
          ipAddresses: list(string()),
          interfaceName: string(),
          infoSource: string(),
          queueCount: integer(),
          podInterfaceName: string(),
          linkState: string(),
          ports: list(
            object(
              { name: string(), port: integer(), protocol: string(), hostPort: integer('Port of the host’s loopback') },
              { required: ['port'] },
            ),
          ),
        }),
      ),
      guestOSInfo: { ...open, description: 'What the guest agent says of the system' },
      phaseTransitionTimestamps: list(object({ phase: string(), phaseTransitionTimestamp: time })),
      volumeStatus: list(
        object(
          { name: string(), target: string() },
          { required: ['name', 'target'], 'x-kubernetes-preserve-unknown-fields': true },
        ),
      ),
      activePods: stringMap,
      launcherContainerImageVersion: string(),
      migrationMethod: string(),
      migrationState: open,
      migrationTransport: string(),
      qosClass: string(),
      runtimeUser: integer(),
      selinuxContext: string(),
      virtualMachineRevisionName: string(),
      currentCPUTopology: open,
      memory: open,
      machine: open,
    }),
  },
  { required: ['spec'] },
)
