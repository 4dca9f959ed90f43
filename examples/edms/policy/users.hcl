# People, roles, groups and permissions.

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

  # manager and created_by refer to this very model. They stay on_missing =
  # fail: the application would set them to null in silence, and authorship is
  # not ours to lose. groups and user_permissions are found through
  # users_groups and users_user_permissions.
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
}

model "users.userrole" {
  table       = "user_roles"
  natural_key = [user, role] # (username, role name)
  surrogate   = [uuid]
}

model "auth.group" {
  table       = "auth_group"
  natural_key = [name] # permissions are found through auth_group_permissions
}

model "auth.permission" {
  table = "auth_permission"

  # In this order it is also how Django spells a permission:
  # ["can_review_document", "documents", "document"]. The three custom
  # permissions on documents come from no migration: without the package no
  # installation has them, and every group permission in use is one of them.
  natural_key = [codename, content_type]
}
