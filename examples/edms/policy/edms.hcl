# The policy of the EDMS, an electronic document management system on Django:
# what identifies a record in every environment, and what may happen to it.
#
#   edms.hcl        the policy itself, where the live database is, scopes
#   users.hcl       people, roles, groups and permissions
#   documents.hcl   documents and what belongs to them
#   workflows.hcl   states, workflows and their transitions
#   audit.hcl       what must never be lost: trail, events, change log
#   system.hcl      content types, schedules, certificates, placeholders, backups
#   traces.hcl      what use leaves behind: logins, jobs, signatures
#   reinit.hcl      what a re-initialisation adds, and what a plan and a database
#                   must satisfy; what it clears stands with each model
#
# Tables, columns, foreign keys, many-to-many tables and unique constraints are
# read from the database. Each model keeps the defaults unless its block says
# otherwise: a record on both sides is changed to the package's (match =
# update), a live row that the package lacks stays (absent = keep), an added
# record keeps the package's primary key where it has one that is free
# (primary_key = keep_if_free), a reference that leads nowhere refuses the plan
# (on_missing = fail).
#
# No model ignores a field. updated_at and created_at look like noise, but they
# are evidence in a regulated system: a restore that changes a record and leaves
# the time of the other version beside it would tell a lie.

policy {
  name     = "edms"
  unlisted = preserve # sessions, feature toggles, notification queues: not ours to touch
}

live {
  # postgres://… or sqlite:path; -live goes before it. Without either, the policy
  # can still be validated alone.
  url = env("EDMSPLAN_LIVE", "")
}

variable "status" {
  type        = string
  default     = "EFFECTIVE"
  description = "The status of the documents that the scope in-force holds."
}

# Documents of one status, with all that belongs to the model's application.
scope "in-force" {
  models = ["documents.*"]

  where "documents.document" {
    rows = self.status == var.status
  }
}

# What the business cannot do without: who may do what, and the documents with
# their versions, dependencies, types and sources. What these refer to besides
# (groups, permissions) comes along in a backup.
scope "critical" {
  models = [
    "users.user", "users.role", "users.userrole",
    "documents.document", "documents.documentversion", "documents.documentdependency",
    "documents.documenttype", "documents.documentsource",
  ]
}

# How documents came to be what they are: their workflows, and each transition
# with its time, comment and uuid. The documents, the states and the people that
# are named in them come along in a backup.
scope "workflow-history" {
  models = ["workflows.documentworkflow", "workflows.documenttransition"]
}
