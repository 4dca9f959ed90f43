# The policy that the benchmarks plan under.

policy {
  name = "bench"
}

model "contenttypes.contenttype" {
  table       = "django_content_type"
  natural_key = [app_label, model]
}

model "auth.permission" {
  table       = "auth_permission"
  natural_key = [codename, content_type]
}

model "auth.group" {
  table       = "auth_group"
  natural_key = [name]
}

model "users.user" {
  table       = "users"
  natural_key = [username]
  surrogate   = [uuid]
  sensitive   = [password]
}

model "users.role" {
  table       = "roles"
  natural_key = [name]
  surrogate   = [uuid]
}

model "users.userrole" {
  table       = "user_roles"
  natural_key = [user, role]
}

model "documents.document" {
  table       = "documents"
  natural_key = [document_number]
  surrogate   = [uuid]
}

model "documents.documentversion" {
  table       = "document_versions"
  natural_key = [document, version]
  surrogate   = [uuid]
}

model "documents.documentaccesslog" {
  table       = "document_access_logs"
  natural_key = [uuid]
}

model "workflows.documentworkflow" {
  table       = "document_workflows"
  natural_key = [document]
  surrogate   = [uuid]
}

model "workflows.documenttransition" {
  table       = "document_transitions"
  natural_key = [uuid]
}

model "audit.audittrail" {
  table       = "audit_trail"
  natural_key = [uuid]
  sensitive   = [session_id]

  generic_reference "object" {
    type = content_type
    id   = object_id
  }
}

model "audit.databasechangelog" {
  table       = "database_change_log"
  natural_key = [uuid]

  generic_reference "object" {
    type = content_type
    id   = object_id
  }
}
