import type { NoteSigns } from './sheets.ts'

/** A word for a secret, then what looks like its value. */
const secret =
  /\b(?:pass(?:word|wd|phrase|wort)?|pwd|pw|kennwort|passwort|contrase(?:ñ|n)a|mot de passe|senha|secret|api[ _-]?key|token|credentials?)\b\s*(?:[:=]|is\b|ist\b)\s*\S{3,}|-----BEGIN [A-Z ]*PRIVATE KEY-----/iu

/** Products that snapshot machines on a schedule, and the marks that they leave in notes and attribute names. */
const backup =
  /veeam|netbackup|\bnb_last_backup|commvault|avamar|rubrik|cohesity|networker|nakivo|zerto|acronis|arcserve|hycu|spectrum protect|tsm backup|last[ _-]?(?:successful[ _-]?)?backup|backup[ _-]?(?:status|date|time|job|policy)/iu

/** What a text of free form gives away. The text itself must not be kept. */
export const signsOf = (text: string): NoteSigns => ({ hasSecret: secret.test(text), hasBackup: backup.test(text) })

/** True if an attribute of this name, or a snapshot, belongs to a backup product. */
export const isBackupMark = (text: string): boolean => backup.test(text) || /^nb_|backup temporary snapshot/iu.test(text)
