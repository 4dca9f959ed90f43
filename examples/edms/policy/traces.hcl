# What use leaves behind: logins and sessions, jobs, security events, signatures.
# Nothing but its uuid identifies such a row, and most packages hold none. A
# re-initialisation clears them, all but signatures.
#
# A log that is kept, because a plan is about other models only, keeps the users
# whom it names (on_destroy = keep).

model "audit.loginaudit" {
  table       = "login_audit"
  natural_key = [uuid]

  reinit { clear = true }
  reference "user" { on_destroy = keep }
}

model "audit.complianceevent" {
  table       = "compliance_events"
  natural_key = [uuid]

  reinit { clear = true }
  reference "user" { on_destroy = keep }
}

model "audit.usersession" {
  table       = "user_sessions_audit"
  natural_key = [uuid]
  sensitive   = [session_key]

  reinit { clear = true }
  reference "user" { on_destroy = destroy }

  export { hash = [session_key] } # the same pseudonym as in session_id of the trail
}

model "security.securityevent" {
  table       = "security_events"
  natural_key = [uuid]

  reinit { clear = true }
  reference "document" { on_destroy = keep }
  reference "signature" { on_destroy = keep }
  reference "user" { on_destroy = keep }
  reference "resolved_by" { on_destroy = keep }
}

# A signature is a legal act. It stays, and so do the document it signs and the
# people it names.
model "security.digitalsignature" {
  table           = "security_digital_signatures"
  natural_key     = [uuid]
  prevent_destroy = true

  reinit { clear = false }
  reference "document" { on_destroy = keep }
  reference "signer" { on_destroy = keep }
  reference "verified_by" { on_destroy = keep }
}

model "security.pdfgenerationlog" {
  table       = "security_pdfgenerationlog"
  natural_key = [uuid]

  reinit { clear = true }
  reference "document" { on_destroy = destroy }
  reference "user" { on_destroy = keep }
}

# The rows about backups go, the backups themselves do not: no files block names
# their folder.
model "backup.backupjob" {
  table       = "backup_jobs"
  natural_key = [uuid]
  package_key = [configuration, uuid]

  reinit { clear = true }
  reference "triggered_by" { on_destroy = unset }
}

model "backup.restorejob" {
  table       = "restore_jobs"
  natural_key = [uuid]
  package_key = [backup_job, uuid]

  reinit { clear = true }
  reference "backup_job" { on_destroy = destroy }
  reference "requested_by" { on_destroy = keep }
  reference "approved_by" { on_destroy = keep }
}

model "scheduler.scheduledtask" {
  table       = "scheduled_tasks"
  natural_key = [name]
  surrogate   = [uuid]

  reinit { clear = true }
  reference "created_by" {
    on_destroy = repoint
    repoint    = { username = "admin" }
  }
}

model "scheduler.taskexecution" {
  table       = "task_executions"
  natural_key = [uuid]

  reinit { clear = true }
  reference "scheduled_task" { on_destroy = destroy }
  reference "triggered_by" { on_destroy = unset }
}

# What waits to be sent stays, without the recipients who go.
model "scheduler.notificationqueue" {
  table       = "notification_queue"
  natural_key = [uuid]

  reinit { clear = false }
  reference "created_by" { on_destroy = unset }
  reference "recipients" { on_destroy = unset }
}
