import { holds, place, starts } from './fingerprint.ts';

/** SSH: the software part of the identification line (RFC 4253 §4.2), with or without `SSH-2.0-`. */
const ssh = place(['ssh'], 'text', 'server', [
  holds('OpenSSH', 'openssh_for_windows_', ''),
  holds('OpenSSH', 'openssh_', ''),
  holds('OpenSSH', 'openssh-', ''),
  holds('Sun SSH', 'sun_ssh_', ''),
  holds('Dropbear', 'dropbear_', ''),
  holds('Dropbear', 'dropbear'),
  holds('libssh', 'libssh_', ''),
  holds('libssh', 'libssh-', ''),
  holds('Bitvise SSH Server', 'bitvise ssh server', 'winsshd) '),
  holds('Cisco SSH', 'cisco-', ''),
  holds('MikroTik RouterOS', 'rosssh'),
  holds('Gerrit', 'gerritcodereview', '_'),
  holds('Apache MINA SSHD', 'apache-sshd-', ''),
  holds('Apache MINA SSHD', 'sshd-core-', ''),
  holds('Go SSH server', 'ssh-2.0-go'),
  holds('Erlang SSH', 'ssh-2.0-erlang/', ''),
  holds('Paramiko', 'paramiko_', ''),
  holds('ProFTPD', 'mod_sftp', '/'),
  holds('AsyncSSH', 'asyncssh_', ''),
  holds('Twisted Conch', 'twisted_', ''),
  holds('wolfSSH', 'wolfsshv', ''),
  holds('CrushFTP', 'crushftpsshd'),
  holds('CompleteFTP', 'completeftp', '_'),
  holds('Teleport', 'teleport'),
  holds('Huawei VRP', 'huawei-', ''),
  holds('HPE Comware', 'comware-', ''),
  holds('NetScreen', 'netscreen'),
  holds('Maverick SSHD', 'maverick_sshd'),
  holds('VanDyke VShell', 'vshell_', ''),
]);

const telnet = place(['telnet'], 'text', 'server', [
  holds('MikroTik RouterOS', 'mikrotik', 'mikrotik '),
  holds('Cisco IOS', 'user access verification'),
  holds('Windows Telnet Server', 'welcome to microsoft telnet service'),
  holds('BusyBox', 'busybox', ''),
  holds('HPE ProCurve', 'procurve'),
  holds('Huawei VRP', 'huawei'),
  holds('Ubiquiti', 'ubnt login'),
  holds('OpenWrt', 'openwrt'),
  holds('FreeBSD telnetd', 'freebsd/'),
]);

/** VNC: the protocol version that only one product sends (RFC 6143 §7.1.1 knows 3.3, 3.7 and 3.8). */
const vnc = place(['vnc', 'rfb'], 'text', 'server', [
  starts('RealVNC Server', 'rfb 004.'),
  starts('RealVNC Server', 'rfb 005.'),
  starts('RealVNC Server', 'rfb 006.'),
  starts('Apple Remote Desktop', 'rfb 003.889'),
  starts('UltraVNC', 'rfb 003.016'),
  starts('UltraVNC', 'rfb 003.014'),
  holds('TigerVNC', 'tigervnc', ''),
  holds('TightVNC', 'tightvnc', ''),
  holds('x11vnc', 'x11vnc', ''),
]);

export const REMOTE_FINGERPRINTS = [...ssh, ...telnet, ...vnc];
