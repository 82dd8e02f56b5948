import type { Language, StepId } from '@weir/assessment'
import type { Readiness, Severity } from '@weir/estate'

/** Every word of the page that is not a sentence of the assessment itself. */
export interface PageTexts {
  readonly title: string
  /** What stands between a name and what is said of it. */
  readonly colon: string
  /** What stands between two sentences. */
  readonly space: string
  /** A figure in per cent, as `12` or `+12.5`. */
  readonly percent: (figure: string) => string
  readonly lead: string
  readonly verdictHalf: string
  readonly verdictNotHalf: string
  readonly ofHosts: string
  readonly ofCores: string
  readonly atMost: string
  readonly confidence: string
  readonly confidences: Readonly<Record<'High' | 'Medium' | 'Low', string>>
  readonly today: string
  readonly proposed: string
  /** What follows a count of hosts that have `cores`. */
  readonly hostsWith: (cores: number) => string
  readonly hosts: string
  readonly cores: string
  readonly machines: (count: number) => string
  readonly bound: string
  readonly gap: string
  readonly step: string
  readonly assumptions: string
  readonly refused: (count: number) => string
  readonly notShown: string
  readonly noPlace: (count: number) => string
  readonly waterfall: string
  readonly waterfallLead: string
  readonly steps: Readonly<Record<StepId, string>>
  readonly readiness: string
  readonly readinessClasses: Readonly<Record<Readiness, string>>
  readonly effort: string
  readonly concerns: string
  readonly severity: string
  readonly severities: Readonly<Record<Severity, string>>
  readonly concern: string
  readonly remedy: string
  readonly count: string
  readonly clusterConcerns: string
  readonly machineList: string
  readonly machine: string
  readonly cluster: string
  readonly state: string
  readonly sizes: string
  readonly sizesLead: string
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly retire: string
  readonly retireLead: string
  readonly data: string
  readonly dataLead: string
  /** Kinds of objects that findings are about, as the part of `object` before its slash. */
  readonly objectKinds: Readonly<Record<string, string>>
  readonly method: string
  readonly methodLines: readonly string[]
  readonly more: (count: number) => string
  readonly hours: (count: number) => string
}

const english: PageTexts = {
  title: 'Assessment',
  colon: ': ',
  space: ' ',
  percent: (figure) => `${figure} %`,
  lead: 'How ready these machines are to move, and how many hosts they need.',
  verdictHalf: 'Half the hardware goes.',
  verdictNotHalf: 'Half the hardware cannot be claimed.',
  ofHosts: 'of the hosts',
  ofCores: 'of the cores',
  atMost: 'at most, by any layout',
  confidence: 'Confidence',
  confidences: { High: 'high', Medium: 'medium', Low: 'low' },
  today: 'Today',
  proposed: 'Proposed',
  hostsWith: (cores) => `hosts · ${cores} cores`,
  hosts: 'Hosts',
  cores: 'Cores',
  machines: (count) => `${count} machines`,
  bound: 'Bound',
  gap: 'Gap',
  step: 'Step',
  assumptions: 'What it rests on',
  refused: (count) => `Passed over (${count})`,
  notShown: 'Not shown',
  noPlace: (count) => `Machines that fit no host: ${count}`,
  waterfall: 'From today to the proposal',
  waterfallLead:
    'Each step stands on those before it. The mark on a bar is the bound: no layout of that kind needs fewer hosts, whoever plans it.',
  steps: {
    OneToOne: 'A core for each vCPU',
    TodayOvercommit: "Today's overcommit",
    OneFabric: 'One fabric',
    RightSized: 'Right-sized',
    TimeAware: 'Shared over time',
    HardwareGeneration: 'New hosts',
    IdleRetired: 'Idle machines retired',
  },
  readiness: 'Readiness',
  readinessClasses: { Ready: 'Ready', ReadyWithWork: 'Ready with work', Blocked: 'Blocked', NotMoved: 'Not moved' },
  effort: 'Work for people',
  concerns: 'Concerns',
  severity: 'Severity',
  severities: { Critical: 'Critical', Warning: 'Warning', Information: 'Information' },
  concern: 'Concern',
  remedy: 'Remedy',
  count: 'Machines',
  clusterConcerns: 'Concerns about clusters',
  machineList: 'Machines that need somebody',
  machine: 'Machine',
  cluster: 'Cluster',
  state: 'State',
  sizes: 'Sizes',
  sizesLead:
    'Machines that usage over time shows to be larger than they need. Nothing shrinks on active memory, or on a short look.',
  from: 'From',
  to: 'To',
  reason: 'Reason',
  retire: 'Machines that may go',
  retireLead: 'Hints for their owners, kept apart from sizes.',
  data: 'About the data',
  dataLead: 'What the sources leave out, contradict or show as stale.',
  objectKinds: { machine: 'machine', host: 'host', datastore: 'datastore', sheet: 'sheet', source: 'source' },
  method: 'How to check this',
  methodLines: [
    'Hosts are counted by a plan that places every running machine: cores or MHz, memory and pods of each host are never exceeded.',
    'The bound is proven from the demand alone. The gap says how much better any other plan could be.',
    'Confidence is high with 30 days or more, a month end among them, in steps of at most 5 minutes; medium with 7 days in steps of at most an hour; else low.',
    'A bigger host is not less hardware: cores are shown beside hosts, and the claim needs half of both.',
    'The same files, seed and iterations give the same report.',
  ],
  more: (count) => `and ${count} more; the JSON form has all`,
  hours: (count) => `${count} hours`,
}

const chinese: PageTexts = {
  title: '评估报告',
  colon: '：',
  space: '',
  percent: (figure) => `${figure}%`,
  lead: '这些虚拟机的迁移就绪程度，以及它们需要多少台主机。',
  verdictHalf: '可以节省一半硬件。',
  verdictNotHalf: '不能声称节省一半硬件。',
  ofHosts: '主机数变化',
  ofCores: '核心数变化',
  atMost: '主机数变化极限',
  confidence: '可信度',
  confidences: { High: '高', Medium: '中', Low: '低' },
  today: '现状',
  proposed: '方案',
  hostsWith: (cores) => `台主机 · ${cores} 个核心`,
  hosts: '主机',
  cores: '核心',
  machines: (count) => `${count} 台虚拟机`,
  bound: '下界',
  gap: '差距',
  step: '步骤',
  assumptions: '依据',
  refused: (count) => `未采用（${count} 台）`,
  notShown: '未展示',
  noPlace: (count) => `${count} 台虚拟机放不进任何主机`,
  waterfall: '从现状到方案',
  waterfallLead: '每一步都建立在前面各步之上。条形上的标记是下界：同类布局无论由谁规划，都不会更少。',
  steps: {
    OneToOne: '每个 vCPU 独占核心',
    TodayOvercommit: '当前超分',
    OneFabric: '统一资源池',
    RightSized: '合理规格',
    TimeAware: '分时共享',
    HardwareGeneration: '新主机',
    IdleRetired: '退役闲置',
  },
  readiness: '就绪程度',
  readinessClasses: { Ready: '就绪', ReadyWithWork: '需要处理', Blocked: '受阻', NotMoved: '不迁移' },
  effort: '人工工时',
  concerns: '关注项',
  severity: '级别',
  severities: { Critical: '严重', Warning: '警告', Information: '提示' },
  concern: '关注项',
  remedy: '处理办法',
  count: '虚拟机数',
  clusterConcerns: '集群的关注项',
  machineList: '需要处理的虚拟机',
  machine: '虚拟机',
  cluster: '集群',
  state: '状态',
  sizes: '规格',
  sizesLead: '长期用量表明规格偏大的虚拟机。不会依据活动内存或短期观察缩减。',
  from: '现在',
  to: '建议',
  reason: '理由',
  retire: '可能退役的虚拟机',
  retireLead: '供所有者参考，与规格建议分开。',
  data: '数据质量',
  dataLead: '数据源缺失、矛盾或过时之处。',
  objectKinds: { machine: '虚拟机', host: '主机', datastore: '数据存储', sheet: '工作表', source: '数据源' },
  method: '如何核对',
  methodLines: [
    '主机数来自一份把每台运行中虚拟机都放好的规划：任何主机的核心或 MHz、内存和 Pod 数都不会超出。',
    '下界仅由需求推出并已证明；差距表示其他任何规划最多还能改进多少。',
    '可信度：30 天以上（含月末）、步长不超过 5 分钟为高；7 天以上、步长不超过一小时为中；其余为低。',
    '更大的主机不等于更少的硬件：核心数与主机数并列，只有两者都减半才算数。',
    '相同的文件、种子和迭代次数得到相同的报告。',
  ],
  more: (count) => `另有 ${count} 条；JSON 形式包含全部`,
  hours: (count) => `${count} 小时`,
}

/** The texts of a page by language. */
export const pageTexts: Readonly<Record<Language, PageTexts>> = { en: english, 'zh-CN': chinese }
