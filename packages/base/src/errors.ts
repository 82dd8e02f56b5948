/** One row of the closed table of error codes. `family` decides who reacts; see docs/reference/errors.md. */
interface ErrorRow {
  readonly family: ErrorFamily
  readonly meaning: string
}

/** Who has to react to an error: the caller, another writer, the operator, time, or us. */
export type ErrorFamily =
  | 'Input'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Expired'
  | 'Auth'
  | 'Unavailable'
  | 'Capacity'
  | 'Terminal'
  | 'Bug'

/** Every error code of the project. A test keeps this table and docs/reference/errors.md in step, both ways. */
export const errorTable = {
  INPUT_QUANTITY: { family: 'Input', meaning: 'A Kubernetes quantity could not be read or is out of range.' },
  STORE_CONFLICT: { family: 'Conflict', meaning: 'Somebody wrote the key first.' },
  STORE_FAILED: {
    family: 'Unavailable',
    meaning: 'The store could not make a write durable and takes no more until it is opened again.',
  },
  STORE_EXPIRED: { family: 'Expired', meaning: 'The revision asked for has been compacted.' },
  API_BAD_REQUEST: { family: 'Input', meaning: 'The API server could not read the request.' },
  API_INVALID: { family: 'Input', meaning: 'An object breaks the rules of its kind; the causes name the fields.' },
  API_NOT_FOUND: { family: 'NotFound', meaning: 'There is no such object.' },
  API_ALREADY_EXISTS: { family: 'AlreadyExists', meaning: 'An object of that name exists already.' },
  API_CONFLICT: { family: 'Conflict', meaning: 'The object was changed by somebody else in between.' },
  API_EXPIRED: { family: 'Expired', meaning: 'The resourceVersion or continue token is too old; list again.' },
  API_UNAUTHORIZED: { family: 'Auth', meaning: 'The API server does not know who is asking.' },
  API_FORBIDDEN: { family: 'Auth', meaning: 'The API server knows who is asking and refuses.' },
  API_UNAVAILABLE: { family: 'Unavailable', meaning: 'The API server is busy, throttles or ran into a deadline.' },
  API_INTERNAL: { family: 'Bug', meaning: 'The API server failed inside.' },
  CLIENT_UNREACHABLE: { family: 'Unavailable', meaning: 'There was no answer from the API server.' },
  CLIENT_BAD_ANSWER: { family: 'Unavailable', meaning: 'The answer of the API server could not be read.' },
  RUNTIME_TERMINAL: { family: 'Terminal', meaning: 'The object cannot be reconciled until somebody changes it.' },
  PKI_UNREADABLE: { family: 'Unavailable', meaning: 'A certificate file of the state directory cannot be used.' },
  UP_FAILED: { family: 'Unavailable', meaning: 'The data center did not start; its log says why.' },
  UP_HOSTS_IN_USE: {
    family: 'Conflict',
    meaning: 'The machines of a host that is to go have no place on the hosts that stay.',
  },
  UP_ALREADY_RUNNING: { family: 'Conflict', meaning: 'A data center already runs on this state directory.' },
  DOWN_FAILED: { family: 'Unavailable', meaning: 'The data center did not stop in time.' },
  VOLUME_NOT_FOUND: { family: 'NotFound', meaning: 'There is no disk image for the claim yet.' },
  VOLUME_NO_SPACE: { family: 'Capacity', meaning: 'The disk of the state directory is too full for the image.' },
  VOLUME_IMAGE_REFUSED: { family: 'Input', meaning: 'A disk image is of no known format, damaged, or names other files.' },
  VOLUME_IMAGE_TOO_BIG: { family: 'Input', meaning: 'A disk image is larger than the claim that it goes into.' },
  VOLUME_IN_USE: { family: 'Conflict', meaning: 'The disk image is used by a running machine.' },
  VOLUME_SOURCE_FAILED: { family: 'Unavailable', meaning: 'The source of a disk image gave no answer, or not all of it.' },
  VOLUME_TOOL_FAILED: { family: 'Unavailable', meaning: 'qemu-img failed or ran into its limits.' },
  MACHINE_SPEC_INVALID: {
    family: 'Terminal',
    meaning: 'A VirtualMachineInstance asks for something that this host cannot give.',
  },
  MACHINE_DATA_MISSING: { family: 'Unavailable', meaning: 'A claim, disk or Secret that a machine needs is not there yet.' },
  HOST_PACKAGES_MISSING: { family: 'Unavailable', meaning: 'A Debian package that a command needs is not installed.' },
  APPLIANCE_BUILD_FAILED: { family: 'Unavailable', meaning: 'The demo appliance could not be built from Debian packages.' },
  CLI_USAGE: { family: 'Input', meaning: 'A command was given flags or arguments that do not fit.' },
  CLI_KUBECONFIG: { family: 'Input', meaning: 'The kubeconfig cannot be read or says too little to connect.' },
  CLI_CANCELLED: { family: 'Input', meaning: 'The user stopped a command.' },
  CLI_CONSOLE_FAILED: { family: 'Unavailable', meaning: 'The serial console of a machine could not be opened.' },
  CLI_UPLOAD_FAILED: { family: 'Unavailable', meaning: 'A disk could not be sent to the data center, or was refused there.' },
  CLI_TIMED_OUT: { family: 'Unavailable', meaning: 'A command waited in vain; the message says for what.' },
  CLI_TOOL_FAILED: { family: 'Unavailable', meaning: 'A tool that a command runs could not be started.' },
  IMAGE_FORMAT: { family: 'Input', meaning: 'A disk image or appliance has a format, version or variant that is not read.' },
  IMAGE_CORRUPT: { family: 'Input', meaning: 'A disk image contradicts itself: grains, markers or tables do not fit together.' },
  IMAGE_TRUNCATED: { family: 'Input', meaning: 'A disk image or appliance ends too early.' },
  IMAGE_LIMIT: { family: 'Input', meaning: 'A disk image or appliance claims or inflates to more than is allowed.' },
  IMAGE_CHECKSUM: { family: 'Input', meaning: 'A file of an appliance does not match the checksum in its manifest.' },
  IMAGE_SOURCE: {
    family: 'Unavailable',
    meaning: 'The web server of an image cannot be reached, refuses, falls silent or breaks off.',
  },
  IMAGE_NAME: { family: 'Input', meaning: 'A file name in an appliance or disk descriptor is unsafe, missing or used twice.' },
  IMAGE_DESCRIPTOR: { family: 'Input', meaning: 'An OVF descriptor could not be read; the message names the element.' },
  IMAGE_WRITE: {
    family: 'Capacity',
    meaning: 'The target of a disk import took no more bytes, for example because its disk is full.',
  },
  ESTATE_RULE_INVALID: { family: 'Input', meaning: "A rule of the user's own cannot be read; the causes name the fields." },
  IMAGE_TOOL: { family: 'Unavailable', meaning: 'qemu-img could not be started, failed or took too long.' },
  ESTATE_UNREADABLE: { family: 'Unavailable', meaning: 'A file or folder of an estate cannot be opened.' },
  ESTATE_FORMAT: { family: 'Input', meaning: 'A file is of no kind that an estate is read from; the message says what it is.' },
  ESTATE_CORRUPT: { family: 'Input', meaning: 'A file of an estate is damaged or ends too early.' },
  ESTATE_LIMIT: { family: 'Input', meaning: 'A file of an estate holds or inflates to more than is allowed.' },
  ESTATE_ENCRYPTED: { family: 'Input', meaning: 'A file of an estate is protected by a password.' },
  ESTATE_NO_MACHINES: { family: 'Input', meaning: 'The files name no machine, so there is nothing to assess.' },
  ESTATE_COLUMN_MISSING: { family: 'Input', meaning: 'A sheet lacks the column without which its rows mean nothing.' },
  ESTATE_INVALID: { family: 'Input', meaning: 'An estate document or usage file breaks its rules; the causes name the fields.' },
  MACHINE_SPEC: { family: 'Input', meaning: 'A machine cannot be built as asked; the message names the part.' },
  MACHINE_START_FAILED: { family: 'Unavailable', meaning: "QEMU did not start; the message ends with QEMU's own words." },
  MACHINE_NOT_RUNNING: { family: 'Conflict', meaning: 'The machine has no running process to talk to.' },
  MACHINE_STATE: { family: 'Conflict', meaning: 'The state of the machine does not allow what was asked; the message says why.' },
  MACHINE_UNRESPONSIVE: { family: 'Unavailable', meaning: 'QEMU closed its control socket or did not answer in time.' },
  MACHINE_COMMAND_REFUSED: { family: 'Unavailable', meaning: 'QEMU refused a control command; the message gives its reason.' },
  PLAN_PROBLEM_INVALID: {
    family: 'Input',
    meaning: 'A placement or wave problem breaks the rules of its document; the causes name the fields.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>

/** A code of `errorTable`. */
export type ErrorCode = keyof typeof errorTable

/** One wrong field: `field` is a path in JS syntax without a leading dot, `message` says what is allowed. */
export interface FieldCause {
  readonly field: string
  readonly message: string
}

/** The one error class: compare with `isWeirError(error, code)`, not `instanceof`, across packages. */
export class WeirError extends Error {
  readonly code: ErrorCode
  readonly causes: readonly FieldCause[]

  constructor(
    code: ErrorCode,
    message: string,
    more: { readonly causes?: readonly FieldCause[]; readonly cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.causes = more.causes ?? []
  }

  get family(): ErrorFamily {
    return errorTable[this.code].family
  }

  static {
    this.prototype.name = 'WeirError'
  }
}

/** True if `error` is a `WeirError` (by its name, so copies of this package agree), and of `code` if one is given. */
export function isWeirError(error: unknown, code?: ErrorCode): error is WeirError {
  return error instanceof Error && error.name === 'WeirError' && (code === undefined || (error as WeirError).code === code)
}
