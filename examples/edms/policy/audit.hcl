# What must never be lost. The rows are identified by their uuid alone and are
# only ever added to a live database. No rule may destroy one of the trail or of
# the system's events; the change log is destroyed by a re-initialisation alone.
#
# A row on both sides that differs is a change like any other, so that whoever
# reviews the plan sees it: an audit row is written once, and a difference means
# that one of the sides was altered. Write match = fail to refuse such a plan.

model "audit.audittrail" {
  table       = "audit_trail"
  natural_key = [uuid]

  # References in a package carry the time as well, in microseconds, while the
  # record's own is cut to milliseconds. Nothing refers to this model so far.
  package_key     = [uuid, timestamp]
  prevent_destroy = true

  # While it lasts, a session's key is as good as the user's password.
  sensitive = [session_id]

  # object_id is a primary key as text. Packages made with --natural-primary do
  # not say which document had which primary key, and some rows are about users
  # that were deleted long ago. An id that leads to no record of the package is
  # kept as it is and counted in a warning (on_missing = keep, the default
  # here): the row's checksum was made over it. Only where an added row would
  # then point at a live row that has the id by chance is the plan refused.
  generic_reference "object" {
    type = content_type
    id   = object_id
  }

  # metadata.changed_fields may hold ids of documents' authors and types as
  # well. See audit.databasechangelog for why they stay as they are.

  # A re-initialisation keeps the trail, and with it whoever it names: a row
  # whose user is gone proves nothing, and its checksum was made over the id.
  reinit { clear = false }
  reference "user" { on_destroy = keep }

  # What was done in one session stays together under a pseudonym, as in all
  # models that name sessions. The checksum was not made over it and still holds.
  export { hash = [session_id] }
}

model "audit.systemevent" {
  table           = "system_events"
  natural_key     = [uuid]
  package_key     = [uuid, timestamp]
  prevent_destroy = true

  reinit { clear = false }
}

model "audit.databasechangelog" {
  table       = "database_change_log"
  natural_key = [uuid]
  sensitive   = [session_id]

  # It says what the fields of documents were, and goes with them. What was done,
  # by whom and when, stands in the trail.
  reinit { clear = true }
  reference "user" { on_destroy = keep }

  # The columns table_name, operation and record_id are '' in every row; what a
  # row is about stands in these two.
  generic_reference "object" {
    type = content_type
    id   = object_id
  }

  # old_values and new_values hold integer ids too, but integrity_hash was made
  # over them: rewriting an id makes a row that is true look tampered with. Where
  # readable ids matter more than the hash, add:
  #
  #   json_reference "new_values" {
  #     paths = {
  #       author          = users.user
  #       reviewer        = users.user
  #       approver        = users.user
  #       obsoleted_by    = users.user
  #       document_type   = documents.documenttype
  #       document_source = documents.documentsource
  #       supersedes      = documents.document
  #     }
  #   }
  #
  # and the same for "old_values".

  export { hash = [session_id] } # integrity_hash was not made over it
}
