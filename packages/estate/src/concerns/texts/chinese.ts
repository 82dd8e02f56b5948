import type { ConcernId, ConcernText } from './english.ts'

/** The same in simplified Chinese. */
export const chineseConcerns: Readonly<Record<ConcernId, ConcernText>> = {
  'conn.not_connected': { title: '未连接', evidence: '连接状态为“{connection}”。', remedy: '在源端修复或注销该虚拟机。' },
  'vm.suspended': { title: '处于挂起状态', evidence: '该虚拟机处于挂起状态。', remedy: '请开机或关机：挂起的虚拟机无法迁移。' },
  'vm.template': { title: '是模板', evidence: '该对象是模板。', remedy: '在目标端重建为启动源；不计入数量。' },
  'vm.srm_placeholder': {
    title: '是 SRM 占位虚拟机',
    evidence: '它是另一站点虚拟机的占位对象。',
    remedy: '无需处理：真正的虚拟机在另一站点；不计入数量。',
  },
  'vm.name.invalid': {
    title: '名称不是合法的 DNS 标签',
    evidence: '“{name}”将改为“{label}”：名称必须是 DNS-1123 标签。',
    remedy: '接受新名称，或另选一个。',
  },
  'vm.duplicate_uuid': {
    title: 'SMBIOS UUID 重复',
    evidence: 'SMBIOS UUID {uuid} 由 {count} 台虚拟机共用。',
    remedy: '为其中一台分配新的 UUID；代理和许可证靠它识别机器。',
  },
  'vm.duplicate_mac': {
    title: 'MAC 地址重复',
    evidence: '其他虚拟机也使用以下 MAC 地址：{macs}。',
    remedy: '在接入同一网络之前，为其中一台分配新的 MAC 地址。',
  },
  'host_affinity.detected': {
    title: '规则将其绑定到主机',
    evidence: '将其绑定到主机的规则：{rules}。',
    remedy: '若理由仍成立，以节点选择器的形式保留。',
  },
  'rule.anti_affinity': {
    title: '规则要求与其他虚拟机分开',
    evidence: '要求与其他虚拟机分开的规则：{rules}。',
    remedy: '规划会遵守该规则；迁移后以 Pod 反亲和性保留。',
  },
  'net.vlan_trunk_guest': {
    title: '在客户机内自行标记 VLAN',
    evidence: '在以下网络上由客户机自行标记 VLAN：{networks}。',
    remedy: '映射到目标端的 Trunk（允许带标签流量的网桥）。',
  },
  'net.promiscuous': {
    title: '网络允许混杂模式或伪传输',
    evidence: '以下网络允许混杂模式或伪传输：{networks}。',
    remedy: '查明原因：抓包和嵌套虚拟化需要允许它的网桥。',
  },
  'net.nsx_rules': {
    title: '位于 NSX 网络',
    evidence: '所在的 NSX 网络：{networks}。',
    remedy: '将其防火墙规则转换为网络策略。',
  },
  'net.vmkernel_shared': {
    title: '网络上还有 vmkernel 端口',
    evidence: '同时承载 vmkernel 端口的网络：{networks}。',
    remedy: '迁移前将虚拟机与主机自身流量分开。',
  },
  'cpu_affinity.detected': {
    title: '绑定了物理 CPU',
    evidence: '该虚拟机绑定到物理 CPU。',
    remedy: '取消绑定，或在目标端使用独占 CPU（dedicatedCpuPlacement）。',
  },
  'cpu_memory.hotplug.enabled': {
    title: '启用了热添加',
    evidence: '已启用热添加：{settings}。',
    remedy: '如需在线扩容，在目标端设置 maxSockets 和 maxGuest。',
  },
  'fit.latency_sensitive': {
    title: '对延迟敏感',
    evidence: '延迟敏感度为“{sensitivity}”。',
    remedy: '规划独占 CPU 和大页内存，以及具备它们的主机。',
  },
  'fit.reservation': {
    title: '预留了全部内存',
    evidence: '该虚拟机预留了全部内存。',
    remedy: '以 request 保留，或放弃：目标端不超分内存。',
  },
  'fit.vcpu_gt_node': {
    title: 'vCPU 数超过主机核数',
    evidence: '有 {vcpus} 个 vCPU；最大的主机只有 {cores} 个核心。',
    remedy: '减少 vCPU，或规划更大的主机。',
  },
  'fit.mem_gt_half_node': {
    title: '内存超过主机的一半',
    evidence: '内存为 {memory}；最大的主机内存为 {hostMemory}。',
    remedy: '减少内存，或规划更大的主机：两台这样的虚拟机无法共存，故障时也需要同样大的空位。',
  },
  'hw.version_old': {
    title: '虚拟硬件版本过旧',
    evidence: '虚拟硬件版本 {version} 不支持更改块跟踪（CBT）；版本 7 起支持。',
    remedy: '升级虚拟硬件，或采用冷迁移。',
  },
  'fault_tolerance.enabled': {
    title: '启用了容错（FT）',
    evidence: '已启用容错（FT）。',
    remedy: '迁移前关闭；目标端的可用性来自重启和应用自身。',
  },
  'tpm.detected': {
    title: '带有虚拟 TPM',
    evidence: '带有虚拟 TPM，其内容不会随迁移转移。',
    remedy: '准备好恢复密钥：用旧 TPM 密封的内容将无法打开。',
  },
  'vm.encrypted': {
    title: '已加密',
    evidence: '该虚拟机已加密。',
    remedy: '在源端解密，或授予迁移账号 Cryptographer.Access 并使用 VDDK。',
  },
  'passthrough_device.detected': {
    title: '带有直通设备',
    evidence: '直通设备数：{count}。',
    remedy: '移除设备，或映射到目标端的主机设备。',
  },
  'device.sriov.detected': {
    title: '带有 SR-IOV 网卡',
    evidence: 'SR-IOV 网卡数：{count}。',
    remedy: '将网络映射到目标端的 SR-IOV 或网桥。',
  },
  'usb_controller.detected': {
    title: '带有 USB 设备',
    evidence: 'USB 设备数：{count}。',
    remedy: '用网络许可证或 USB 服务器替代加密狗。',
  },
  'cd.connected': { title: '光驱已连接', evidence: '已连接的光驱数：{count}。', remedy: '迁移前断开。' },
  'changed_block_tracking.disabled': {
    title: '未启用更改块跟踪',
    evidence: '未启用更改块跟踪（CBT）。',
    remedy: '温迁移需要开启；冷迁移不需要。',
  },
  consolidation_needed: { title: '磁盘需要整合', evidence: '其磁盘需要整合。', remedy: '先整合磁盘。' },
  'datastore.missing': {
    title: '磁盘缺少数据存储',
    evidence: '不在清单中任何数据存储上的磁盘：{disks}。',
    remedy: '移除磁盘，或恢复其数据存储。',
  },
  'disk.capacity.invalid': {
    title: '磁盘容量无效',
    evidence: '没有容量的磁盘：{disks}。',
    remedy: '移除磁盘，或修复其描述文件。',
  },
  'disk.count.exceeds.limit': {
    title: '磁盘过多',
    evidence: '有 {count} 块磁盘；最多可挂接 {limit} 块。',
    remedy: '合并磁盘，或改用 virtio-scsi。',
  },
  'disk_mode.independent': {
    title: '存在独立磁盘',
    evidence: '不受快照影响的独立磁盘：{disks}。',
    remedy: '改为从属模式，或采用冷迁移：快照不包含它。',
  },
  'disk.rdm.detected': {
    title: '存在裸设备映射',
    evidence: '裸设备映射（RDM）：{disks}。',
    remedy: '复制为虚拟磁盘，或在目标端挂接其 LUN。',
  },
  'disk.physical_rdm': {
    title: '存在物理模式裸设备映射',
    evidence: '物理兼容模式的裸设备映射（RDM）：{disks}。',
    remedy: '改为虚拟映射或虚拟磁盘，或在目标端挂接其 LUN：它既不能导出也不能做快照。',
  },
  'disk.shared.detected': {
    title: '存在共享磁盘',
    evidence: '与其他虚拟机共享的磁盘：{disks}。',
    remedy: '将共享它的虚拟机一次性迁移到共享块卷。',
  },
  'disk_serial.truncated': {
    title: '磁盘序列号会被截断',
    evidence: '已启用 disk.EnableUUID；virtio 会将序列号截断为 20 个字符。',
    remedy: '检查读取序列号的 udev 规则和许可证。',
  },
  'disk.unknown_controller': {
    title: '磁盘位于 NVMe 控制器',
    evidence: '位于 NVMe 控制器上的磁盘：{disks}。',
    remedy: '确认所选的读取方式支持它。',
  },
  'disk.vsan_or_vvol': {
    title: '磁盘位于 vSAN 或 vVol',
    evidence: '位于 vSAN 或 vVol 上的磁盘：{disks}。',
    remedy: '使用导出租约或 VDDK：这类磁盘不是可用 HTTPS 读取的文件。',
  },
  'disk.large': { title: '磁盘大于 6 TiB', evidence: '大于 6 TiB 的磁盘：{disks}。', remedy: '单独安排窗口，并按实测速率规划。' },
  'disk.zero_flat_mismatch': {
    title: '磁盘容量对不上',
    evidence: '各磁盘容量合计 {sum}；虚拟机自身记录为 {total}。',
    remedy: '重新采集；若仍如此，查找清单之外的磁盘。',
  },
  'snapshot.detected': { title: '存在快照', evidence: '快照数：{count}。', remedy: '温迁移前删除快照；只迁移当前状态。' },
  'snapshot.age_or_chain': {
    title: '快照过旧或过多',
    evidence: '快照数：{count}；最早快照的天数：{days}。',
    remedy: '在空闲时段删除：整合需要较长时间。',
  },
  'snapshot.foreign_schedule': {
    title: '备份软件会对其做快照',
    evidence: '有备份软件对其创建快照。',
    remedy: '迁移期间暂停备份任务：中途的快照会打断变更链。',
  },
  'guestDisks.freespace': {
    title: '文件系统空间不足',
    evidence: '可用空间低于最低要求：{fileSystems}。',
    remedy: '释放空间：需要写入驱动和引导文件。',
  },
  'os.unsupported': {
    title: '操作系统不在支持范围内',
    evidence: '运行“{system}”。',
    remedy: '先演练启动：转换支持 RHEL 7 至 10、Windows 10 和 11、Windows Server 2016 至 2025。',
  },
  'guest.os_eol': {
    title: '操作系统已停止支持',
    evidence: '“{system}”的常规支持已于 {date} 结束。',
    remedy: '规划替换；若缺少 virtio 驱动，使用 SATA 磁盘和 e1000e 网卡迁移。',
  },
  'guest.sha2_win7': {
    title: '需要 SHA-2 更新',
    evidence: '“{system}”需要 SHA-2 更新才能加载已签名的驱动。',
    remedy: '先安装 SHA-2 代码签名更新，否则驱动会被拒绝。',
  },
  'hostname.default': { title: '主机名为默认值', evidence: '主机名为“{hostName}”。', remedy: '为客户机设置自己的名称。' },
  'tools.not_running': {
    title: 'VMware Tools 未运行',
    evidence: 'VMware Tools 状态：“{status}”。',
    remedy: '启动 VMware Tools：没有它就无法正常关机，地址也可能过时；温迁移需要它。',
  },
  'vm_missing_ip.detected': {
    title: '未显示 IP 地址',
    evidence: '该虚拟机正在运行，但源端没有显示其地址。',
    remedy: '迁移前记录其地址。',
  },
  'cluster.guest_cluster': {
    title: '属于客户机集群',
    evidence: '运行“{application}”。',
    remedy: '将所有成员及其共享磁盘作为一个整体迁移。',
  },
  'license.bound': {
    title: '许可证可能有绑定',
    evidence: '“{product}”的许可证可能按主机、MAC 地址或 UUID 绑定。',
    remedy: '向厂商确认更换主机、MAC 地址或 UUID 对许可证的影响。',
  },
  'secret.in_annotation': { title: '备注中有密码', evidence: '备注中有疑似密码的内容。', remedy: '修改密码，并从备注中删除。' },
  'drs.enabled': {
    title: '启用了 DRS',
    evidence: 'DRS 会在主机之间迁移虚拟机。',
    remedy: '迁移该集群的虚拟机期间，将其设为手动。',
  },
  'dpm.enabled': { title: '启用了 DPM', evidence: 'DPM 会关闭和启动主机。', remedy: '迁移该集群的虚拟机期间，将其关闭。' },
}
