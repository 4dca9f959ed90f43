# People, roles, groups and permissions. A re-initialisation leaves the accounts
# below, roles, groups and permissions, and takes everybody else.

locals {
  # The administrator, and the service account of the system: made anew it would
  # have another id and uuid, and logs outside the database would lose it.
  accounts = ["admin", "edms_system"]
}

variable "admin_password" {
  type        = string
  sensitive   = true
  default     = null
  description = "The administrator's password after a re-initialisation. Without it an existing administrator keeps theirs, and none is made."
}

variable "reinit_at" {
  type        = string
  default     = null
  description = "When the records are made that a re-initialisation adds, such as 2026-04-01T08:00:00Z. A plan asks no clock."
}

model "users.user" {
  table       = "users"
  natural_key = [username]

  # A re-initialised system makes its service account again under a new uuid,
  # and a new installation its administrator. The package's uuid is the original,
  # the one that exports and logs outside the database know. Nothing inside it
  # refers to a user by uuid, so the original is taken back wherever no other
  # user has it.
  surrogate "uuid" {
    adopt = true
  }

  # The hash is restored byte for byte, the empty one of the service account
  # too, and shown nowhere.
  sensitive = [password]

  # Somebody whom the audit trail names stays, but cannot log in.
  reinit {
    clear = !contains(local.accounts, self.username)
    on_keep { set = { is_active = false } }
  }
  reference "created_by" { on_destroy = keep }
  reference "manager" { on_destroy = unset } # no evidence, only how things were organised

  # manager and created_by refer to this very model. They stay on_missing =
  # fail: the application would set them to null in silence, and authorship is
  # not ours to lose. groups and user_permissions are found through
  # users_groups and users_user_permissions.

  # Another environment gets nobody's password: "!" is one that nothing matches,
  # the service account's too. Nor does it get a way to reach people.
  export {
    replace "password" { value = "!" }
    replace "email" { value = "${self.username}@edms.invalid" }
    unset = [phone_number, employee_id]
  }
}

model "users.role" {
  table = "roles"

  # Three things identify a role and can disagree: name, uuid, and module with
  # permission_level, each of them unique. Packages refer to roles by name. A
  # freshly seeded installation has the same names under other uuids: those are
  # remaps, and the live uuid stays. Two roles that would end up with one module
  # and level are a predicted violation of the third constraint.
  natural_key = [name]
  surrogate   = [uuid]

  reinit { clear = false }
  reference "created_by" {
    on_destroy = repoint
    repoint    = { username = "admin" }
  }
}

model "users.userrole" {
  table       = "user_roles"
  natural_key = [user, role] # (username, role name)
  surrogate   = [uuid]

  reinit { clear = true }
  reference "user" { on_destroy = destroy }
  reference "assigned_by" { on_destroy = unset }
  reference "revoked_by" { on_destroy = unset }
}

model "users.mfadevice" {
  table       = "mfa_devices"
  natural_key = [uuid]
  sensitive   = [secret_key, backup_codes]

  # Everybody enrols anew, the administrator too: a device that outlives the
  # passwords would keep the door open or locked.
  reinit { clear = true }
  reference "user" { on_destroy = destroy }

  # For the same reason none leaves; nothing refers to one.
  export { include = false }
}

model "auth.group" {
  table       = "auth_group"
  natural_key = [name] # permissions are found through auth_group_permissions

  reinit { clear = false }
}

model "auth.permission" {
  table = "auth_permission"

  # In this order it is also how Django spells a permission:
  # ["can_review_document", "documents", "document"]. The three custom
  # permissions on documents come from no migration: without the package no
  # installation has them, and every group permission in use is one of them.
  natural_key = [codename, content_type]

  reinit { clear = false }
}
