import type { Schema } from './definition.ts'
import { dataVolumeSpec } from './cdi.ts'
import { runStrategies } from './kubevirt-types.ts'
import {
  boolean,
  conditions,
  integer,
  list,
  object,
  oneOfStrings,
  open,
  quantity,
  quantityMap,
  string,
  stringMap,
  time,
} from './schemas.ts'

const bus = oneOfStrings(['virtio', 'sata', 'scsi', 'usb'], 'The controller that the guest sees; virtio if absent')
const target = object({ bus, readonly: boolean('True to refuse writes'), pciAddress: string() })

const disk: Schema = object(
  {
    name: string('The volume of this name is behind it'),
    bootOrder: integer('1 boots first', 1),
    serial: { ...string('Serial number that the guest sees'), maxLength: 256 },
    disk: { ...target, description: 'A hard disk' },
    cdrom: { ...target, description: 'A CD-ROM drive' },
    lun: open,
    cache: string(),
    io: string(),
    tag: string(),
    dedicatedIOThread: boolean(),
    errorPolicy: string(),
    blockSize: open,
    shareable: boolean(),
  },
  { required: ['name'] },
)

const networkInterface: Schema = object(
  {
    name: string('The network of this name is behind it'),
    model: string('virtio (default), e1000, e1000e or rtl8139'),
    macAddress: { ...string('Six bytes in hexadecimal'), pattern: '^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$' },
    bootOrder: integer('1 boots first', 1),
    masquerade: { ...open, description: 'Behind the address of the host' },
    bridge: { ...open, description: 'On a bridge of the host' },
    binding: open,
    sriov: open,
    ports: list(
      object(
        {
          name: string(),
          port: { ...integer('Port of the guest', 1), maximum: 65_535 },
          protocol: string('TCP (default) or UDP'),
        },
        { required: ['port'] },
      ),
      'Ports of the guest that can be reached from outside',
    ),
    pciAddress: string(),
    dhcpOptions: open,
    state: string(),
    tag: string(),
    acpiIndex: integer(),
  },
  { required: ['name'] },
)

const domain: Schema = object(
  {
    cpu: object({
      sockets: integer('CPU sockets', 1),
      cores: integer('Cores of a socket', 1),
      threads: integer('Threads of a core', 1),
      maxSockets: integer('Sockets that may be added while it runs'),
      model: string('host-passthrough, host-model or a QEMU model'),
      dedicatedCpuPlacement: boolean(),
      features: list(object({ name: string(), policy: string() }, { required: ['name'] })),
      numa: open,
      realtime: open,
      isolateEmulatorThread: boolean(),
    }),
    memory: object({
      guest: quantity('Memory that the guest sees'),
      maxGuest: quantity(),
      hugepages: object({ pageSize: string() }),
    }),
    resources: object({ requests: quantityMap, limits: quantityMap, overcommitGuestOverhead: boolean() }),
    machine: object({ type: string('q35 (default) or pc, also with a version') }),
    firmware: object({
      uuid: string('UUID that the guest sees (SMBIOS)'),
      serial: string('Serial number of the system that the guest sees (SMBIOS)'),
      bootloader: object({
        bios: object({ useSerial: boolean() }),
        efi: object({
          secureBoot: boolean('True to start only signed boot loaders; true if absent'),
          persistent: boolean('True to keep the variables'),
        }),
      }),
      kernelBoot: open,
      acpi: open,
    }),
    features: open,
    clock: open,
    chassis: open,
    ioThreadsPolicy: string(),
    launchSecurity: open,
    devices: object({
      disks: { ...list(disk), maxItems: 256 },
      interfaces: { ...list(networkInterface), maxItems: 256 },
      rng: { ...open, description: 'A source of randomness' },
      tpm: { ...open, description: 'A virtual TPM' },
      watchdog: open,
      inputs: list(open),
      gpus: list(open),
      hostDevices: list(open),
      sound: open,
      clientPassthrough: open,
      video: open,
      autoattachGraphicsDevice: boolean(),
      autoattachInputDevice: boolean(),
      autoattachMemBalloon: boolean(),
      autoattachPodInterface: boolean(),
      autoattachSerialConsole: boolean(),
      autoattachVSOCK: boolean(),
      blockMultiQueue: boolean(),
      networkInterfaceMultiqueue: boolean(),
      disableHotplug: boolean(),
      useVirtioTransitional: boolean(),
    }),
  },
  { required: ['devices'] },
)

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

/** `spec` of a VirtualMachineInstance, and of a VirtualMachine's template. */
export const instanceSpec: Schema = object(
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
    terminationGracePeriodSeconds: integer('How long the guest may take to power off; 180 if absent', 0),
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
    accessCredentials: list(open),
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
        runStrategy: oneOfStrings(runStrategies, 'Who decides whether it runs'),
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
      printableStatus: { ...string('The state in one word'), default: 'Stopped' },
      runStrategy: string(),
      observedGeneration: integer(),
      desiredGeneration: integer(),
      conditions,
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
      phase: string('Where it is between power-on and power-off'),
      reason: string(),
      nodeName: string('The host that runs it'),
      conditions,
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
