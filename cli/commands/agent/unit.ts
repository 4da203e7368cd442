/** What the unit of one device is made of. */
export interface UnitOptions {
  serial: string;
  /** Absolute: Node, and the program that it runs. */
  node: string;
  main: string;
  /** Absolute; the unit's own state folder unless given. */
  identity: string;
  config: string;
  user: string;
  /** Primary group of that user. */
  group: string;
}

/** A small young generation: an agent's garbage is short-lived, and V8 would let it have 48 MB. */
export const NODE_FLAGS = '--max-semi-space-size=1';

/** glibc gives each thread a heap of its own unless told; what one frees the others do not use. */
export const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' } as const;

/** Of util-linux. */
const SETPRIV = '/usr/bin/setpriv --init-groups --inh-caps -all --bounding-set -all,+net_raw,+net_admin';

export const unitName = (serial: string): string => `airherd-agent-${serial}.service`;

/** Settings that a new installation begins with. */
export const FIRST_SETTINGS = `# Settings of an airherd agent: docs/agent.md explains each. systemctl reload takes changes over.
cloud:
  # The device link of the cloud; the port is 8883 unless given.
  url: mqtts://localhost
capture:
  # What to observe; airherd doctor lists what this machine has.
  sources: []
health:
  # curl --unix-socket PATH http://localhost/health, or /metrics
  socket: /run/airherd/agent.sock
log:
  level: info
`;

/**
 * A hardened systemd unit. The agent has no capability itself; dumpcap has two, from its file. NoNewPrivileges would take
 * them from dumpcap, and before version 255 systemd sets it by itself where it filters system calls and changes the user.
 * So it is setpriv that changes the user, behind the filters, and drops what it needed for that: nothing is left in the
 * bounding set but dumpcap's two.
 */
export function unitText({ serial, node, main, identity, config, user, group }: UnitOptions): string {
  return `[Unit]
Description=airherd agent ${serial}
Documentation=man:airherd(1)
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
NotifyAccess=all
Environment=${Object.entries(ENVIRONMENT)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}
ExecStart=!${SETPRIV} --reuid ${user} --regid ${group} -- ${node} ${NODE_FLAGS} ${main} agent --identity ${identity} --config ${config}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
WatchdogSec=60
User=${user}
StateDirectory=airherd
StateDirectoryMode=0700
RuntimeDirectory=airherd
RuntimeDirectoryMode=0750
UMask=0077
MemoryMax=256M
TasksMax=64
AmbientCapabilities=
CapabilityBoundingSet=CAP_NET_RAW CAP_NET_ADMIN CAP_SETUID CAP_SETGID CAP_SETPCAP CAP_SYS_ADMIN
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
PrivateTmp=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_BLUETOOTH
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}
