import type { FindingId, FindingText } from './english.ts'

const oneExport = '每个 vCenter 只提供一份最新的导出。'
const again = '各工作表的采集时间不同，或导出后被编辑过。请重新导出；在此之前以 vInfo 为准。'
const leftOut = '凡需要该数据的结论都不包含此虚拟机。请连同该列重新导出。'
const checkUnit = '请在 vCenter 中核对该虚拟机，并检查该列的单位。'
const allColumns = '请包含所有列重新导出。'
const schedulerHolds = '集群的调度器仍会遵守该规则，可能拒绝计划中的移动。'
const allSheets = '请一次导出所有工作表（“Export all to Excel”）。'

/** The same in simplified Chinese. */
export const chineseFindings: Readonly<Record<FindingId, FindingText>> = {
  'host.idle': {
    message: '主机“{host}”上没有运行清单中的任何虚拟机。',
    remedy: '它是备用主机，还是其虚拟机在导出时被过滤掉了？若不应计入，请将其排除。',
  },
  'host.unlisted': {
    message: '主机“{host}”上有虚拟机，但不在 vHost 中，因此不知道其规格。',
    remedy: '请使用能看到所有主机的权限重新导出。',
  },
  'host.twice': { message: '主机“{host}”在 {location} 中出现两次；以第一行为准。', remedy: oneExport },
  'host.inTwoExports': { message: '主机“{host}”同时出现在 {first} 和 {second} 中；以较新的导出为准。', remedy: oneExport },
  'host.inSeveralEstates': { message: '主机“{host}”出现在多份清单中；以最后采集的为准。', remedy: oneExport },
  'machine.noCpuCount': { message: '不知道“{machine}”的 vCPU 数。', remedy: leftOut },
  'machine.noMemorySize': { message: '不知道“{machine}”的内存大小。', remedy: leftOut },
  'machine.noPlace': { message: '不知道“{machine}”所在的集群或主机。', remedy: leftOut },
  'machine.noDiskSize': { message: '不知道“{machine}”的磁盘大小。', remedy: leftOut },
  'machine.nameless': {
    message: '{location} 中的虚拟机“{machine}”没有名称，以其 ID 代替。',
    remedy: '请在 vCenter 中为其命名，或不加编辑地重新导出。',
  },
  'machine.sameName': {
    message: '{location} 的集群“{cluster}”中有多台虚拟机名为“{machine}”，且没有 ID 可以区分。',
    remedy: '请连同 VM ID 和 VI SDK UUID 列重新导出；否则其他工作表中的行也无法区分。',
  },
  'machine.sameIdentity': {
    message: '{count} 台虚拟机的 {field} 同为 {value}：{machines}。',
    remedy: '克隆会保留原虚拟机的标识。在接入同一网络之前，请为每台分配各自的标识。',
  },
  'machine.twice': { message: '虚拟机“{machine}”在 {location} 中出现两次；以第一行为准。', remedy: oneExport },
  'machine.inTwoExports': {
    message: '虚拟机“{machine}”同时出现在 {first} 和 {second} 中；以 {counted} 为准。',
    remedy: oneExport,
  },
  'machine.inSeveralEstates': { message: '虚拟机“{machine}”出现在多份清单中；以最后采集的为准。', remedy: oneExport },
  'machine.cpuCountsDiffer': { message: '“{machine}”的 vCPU 数在 vInfo 中为 {first}，在 vCPU 中为 {second}。', remedy: again },
  'machine.memorySizesDiffer': { message: '“{machine}”的内存在 vInfo 中为 {first}，在 vMemory 中为 {second}。', remedy: again },
  'machine.diskCountsDiffer': { message: '“{machine}”的磁盘数在 vInfo 中为 {first}，在 vDisk 中为 {second}。', remedy: again },
  'machine.diskSizesDiffer': {
    message: '“{machine}”的磁盘容量在 vInfo 中为 {first}，在 vDisk 中合计为 {second}。',
    remedy: again,
  },
  'machine.nicCountsDiffer': { message: '“{machine}”的网卡数在 vInfo 中为 {first}，在 vNetwork 中为 {second}。', remedy: again },
  'machine.oddMemory': { message: '“{machine}”的内存为 {memory}，任何虚拟机都不会如此。', remedy: checkUnit },
  'machine.littleMemory': {
    message: '“{machine}”有 {cpus} 个 vCPU，内存却只有 {memory}；该列是否使用了其他单位？',
    remedy: checkUnit,
  },
  'machine.oddCpuCount': { message: '“{machine}”有 {cpus} 个 vCPU，任何虚拟机都不会如此。', remedy: checkUnit },
  'machine.emptyDisk': { message: '“{machine}”的磁盘“{disk}”没有容量。', remedy: checkUnit },
  'datastore.unlisted': {
    message: '“{machine}”有一块磁盘位于数据存储“{datastore}”，但清单中没有该数据存储。',
    remedy: '请使用能看到所有数据存储的权限重新导出。',
  },
  'source.mixedDates': {
    message: '{location} 中的日期既有日在前的，也有月在前的；无法判定的日期已略去。',
    remedy: '请在同一台计算机上重新导出为 .xlsx。',
  },
  'row.noMachine': {
    message: '{location} 的 vInfo 中有一行既没有虚拟机名称，也没有 ID。',
    remedy: '没有虚拟机的行已略去。请不加编辑地重新导出。',
  },
  'row.lost': {
    message: '{location} 的 {sheet} 中有些行不属于 vInfo 中的任何虚拟机，或对应多台同名虚拟机。',
    remedy: '这些行已略去。请一次导出所有工作表，并包含 VM ID 和 VI SDK UUID。',
  },
  'cell.invalid': {
    message: '{location} 的“{column}”列中有 {count} 个单元格的值不合理；第一个位于表头下第 {row} 行。',
    remedy: '不合理的值已略去。请不加编辑地重新导出，或更正这些单元格。',
  },
  'column.vmId': {
    message: '{location} 的 vInfo 工作表没有“VM ID”列：其他工作表的行只能按 UUID 或名称关联。',
    remedy: allColumns,
  },
  'column.serverUuid': {
    message: '{location} 的 vInfo 工作表没有“VI SDK UUID”列：无法区分不同 vCenter 的虚拟机，也无法在以后的导出中再次识别。',
    remedy: allColumns,
  },
  'column.cluster': { message: '{location} 的 vInfo 工作表没有“Cluster”列：虚拟机只能归属到主机。', remedy: allColumns },
  'sheet.noHeader': {
    message: '{location} 的 {sheet} 工作表前几行中没有表头，其内容均未使用。',
    remedy: '请重新导出，或恢复表头行。',
  },
  'sheet.vHost': {
    message: '没有文件包含 vHost 工作表，因此不知道主机及其 CPU 和内存，也就不知道源端的总量。',
    remedy: allSheets,
  },
  'sheet.vDisk': { message: '没有文件包含 vDisk 工作表，因此不知道各磁盘及其数据存储、模式和共享情况。', remedy: allSheets },
  'sheet.vNetwork': { message: '没有文件包含 vNetwork 工作表，因此不知道网卡和 MAC 地址。', remedy: allSheets },
  'sheet.vMemory': { message: '没有文件包含 vMemory 工作表，因此不知道内存用量、预留和气球回收情况。', remedy: allSheets },
  'sheet.vCPU': { message: '没有文件包含 vCPU 工作表，因此不知道 CPU 插槽数、预留和限制。', remedy: allSheets },
  'sheet.vPartition': { message: '没有文件包含 vPartition 工作表，因此不知道客户机文件系统的使用率。', remedy: allSheets },
  'sheet.vSnapshot': { message: '没有文件包含 vSnapshot 工作表，因此不知道快照情况。', remedy: allSheets },
  'sheet.vTools': { message: '没有文件包含 vTools 工作表，因此不知道 VMware Tools 的状态。', remedy: allSheets },
  'sheet.vDatastore': { message: '没有文件包含 vDatastore 工作表，因此不知道数据存储的容量和类型。', remedy: allSheets },
  'sheet.vCluster': { message: '没有文件包含 vCluster 工作表，因此不知道集群的高可用性（HA）和 DRS 设置。', remedy: allSheets },
  'usage.lost': {
    message: '“{location}”中有 {count} 台虚拟机不在清单中，或有多台同名：{machines}。',
    remedy: '用量文件中的虚拟机须与清单一致：使用 ID、UUID 或名称。',
  },
  'metrics.none': {
    message: '集群没有提供指标（metrics.k8s.io），因此不知道 CPU 和内存的用量。',
    remedy: '请安装 metrics-server，或提供用量文件。',
  },
  'list.denied': {
    message: '不允许列出 {kinds}，因此对其一无所知。服务器的答复：{answer}。',
    remedy: '请通过集群角色及其绑定，允许该用户列出这些对象。',
  },
  'list.noAnswer': {
    message: '集群没有就 {kinds} 作出响应，因此对其一无所知。',
    remedy: '请检查其背后的服务（如 metrics-server），或提供用量文件。',
  },
  'pods.none': { message: '集群不提供 Pod，因此只计入虚拟机。', remedy: '若集群不运行容器，则无需处理。' },
  'guest.hostGone': {
    message: '“{guest}”所在的主机“{host}”不在集群的清单中；未计入。',
    remedy: '请在集群察觉该主机已消失后重新规划。',
  },
  'rule.tooManyPairs': {
    message: '使“{guest}”远离其他工作负载的规则未被采用：涉及多达 {count} 对。',
    remedy: schedulerHolds,
  },
  'rule.nothingNear': {
    message: '使“{guest}”靠近其他工作负载的规则未被采用：没有可以靠近的对象。',
    remedy: schedulerHolds,
  },
  'rule.mixed': {
    message: '使“{guest}”靠近其他工作负载的规则未被采用：持有该规则的，只有一部分是其所指的对象。',
    remedy: schedulerHolds,
  },
  'quantity.invalid': {
    message: '“{value}”不是合法的 {resource} 数量。',
    remedy: '请在集群中更正该对象；在此之前按未知处理。',
  },
}
