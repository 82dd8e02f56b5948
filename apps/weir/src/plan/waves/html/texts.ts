import type { Language } from '@weir/assessment'
import type { AppGroup, GanttBar, Wave } from '@weir/planner'

/** Every word of the page. What the planner says of single applications is in English in every language. */
export interface WaveTexts {
  readonly title: string
  readonly colon: string
  readonly comma: string
  readonly percent: (figure: string) => string
  readonly lead: string
  readonly waves: string
  readonly machines: string
  readonly data: string
  readonly bound: string
  readonly crossing: string
  readonly unplanned: string
  readonly unplannedLead: string
  readonly calendar: string
  readonly calendarLead: string
  readonly bars: Readonly<Record<GanttBar['type'], string>>
  readonly wave: string
  readonly type: string
  readonly types: Readonly<Record<Wave['type'], string>>
  readonly from: string
  readonly to: string
  readonly copy: string
  readonly apps: string
  readonly frees: string
  readonly groups: string
  readonly groupReasons: Readonly<Record<AppGroup['reason'], string>>
  readonly app: string
  readonly reason: string
  readonly limits: string
  readonly limitLines: (limits: {
    readonly cutOvers: number
    readonly mebibytesPerSecond: number
    readonly hosts: number
    readonly reused: number
    readonly failover: number
  }) => readonly string[]
  readonly more: (count: number) => string
}

const english: WaveTexts = {
  title: 'Migration waves',
  colon: ': ',
  comma: ', ',
  percent: (figure) => `${figure} %`,
  lead: 'In which window each application moves, what that copies, and which source hosts it frees.',
  waves: 'Waves',
  machines: 'Machines',
  data: 'Data',
  bound: 'No plan has fewer waves than',
  crossing: 'Traffic that crosses waves',
  unplanned: 'Without a wave',
  unplannedLead: 'The limit in the way, and what helps.',
  calendar: 'Calendar',
  calendarLead: 'Each row is a wave. A copy that fills its window leaves no time to cut over.',
  bars: { Copy: 'copy', CutOver: 'cut-over', Freeze: 'freeze' },
  wave: 'Wave',
  type: 'Type',
  types: { Pilot: 'pilot', Heavy: 'heavy writer alone', Normal: 'normal' },
  from: 'From',
  to: 'To',
  copy: 'Copy',
  apps: 'Applications',
  frees: 'Frees',
  groups: 'What moves as one',
  groupReasons: { Together: 'must go in one wave', Cycle: 'each needs the other first' },
  app: 'Application',
  reason: 'Reason',
  limits: 'What the plan holds itself to',
  limitLines: ({ cutOvers, mebibytesPerSecond, hosts, reused, failover }) => [
    `A window takes ${cutOvers} cut-overs and copies at ${mebibytesPerSecond} MiB/s.`,
    `The target has ${hosts} hosts, of which any ${failover} may fail after any wave; ${reused} source hosts join it when they are free.`,
    'Room on the target is counted by volume; whether each machine finds a place is for a placement plan.',
  ],
  more: (count) => `and ${count} more; the JSON form has all`,
}

const chinese: WaveTexts = {
  title: '迁移批次',
  colon: '：',
  comma: '、',
  percent: (figure) => `${figure}%`,
  lead: '每个应用在哪个窗口迁移、需要复制多少数据、释放哪些源主机。',
  waves: '批次',
  machines: '虚拟机',
  data: '数据量',
  bound: '任何计划的批次都不少于',
  crossing: '跨批次的流量',
  unplanned: '未安排批次',
  unplannedLead: '受哪项限制所阻，以及如何解决。',
  calendar: '日历',
  calendarLead: '每行一个批次。复制若占满窗口，就没有时间切换。',
  bars: { Copy: '复制', CutOver: '切换', Freeze: '冻结期' },
  wave: '批次',
  type: '类型',
  types: { Pilot: '试点', Heavy: '写入繁重，单独一批', Normal: '普通' },
  from: '开始',
  to: '结束',
  copy: '复制时长',
  apps: '应用',
  frees: '释放主机',
  groups: '必须一起迁移的应用',
  groupReasons: { Together: '必须在同一批次', Cycle: '互相要求对方先行' },
  app: '应用',
  reason: '理由',
  limits: '计划遵守的限制',
  limitLines: ({ cutOvers, mebibytesPerSecond, hosts, reused, failover }) => [
    `每个窗口最多切换 ${cutOvers} 台，复制速率 ${mebibytesPerSecond} MiB/s。`,
    `目标端有 ${hosts} 台主机，任何批次之后其中任意 ${failover} 台可以故障；${reused} 台源主机腾空后加入目标端。`,
    '目标端容量按总量计算；每台虚拟机能否放下由放置计划判断。',
  ],
  more: (count) => `另有 ${count} 条；JSON 形式包含全部`,
}

/** The texts by language. */
export const waveTexts: Readonly<Record<Language, WaveTexts>> = { en: english, 'zh-CN': chinese }
