# What a re-initialisation adds beside what it clears, the files it empties, and
# what every plan and every database after an apply must satisfy.

# The administrator, where a password is given: made if missing, else only the
# password and the rights are set. Nothing here has a password of its own.
seed "users.user" {
  on       = reinit
  match    = update
  for_each = var.admin_password == null ? [] : [var.admin_password]
  ignore = [
    first_name, last_name, email, date_joined, is_validated, mfa_enabled, failed_login_attempts,
    password_changed_at, created_at, updated_at, metadata,
  ]
  records = [{
    username              = "admin"
    password              = django_password(each.value)
    is_superuser          = true
    is_staff              = true
    is_active             = true
    first_name            = "System"
    last_name             = "Administrator"
    email                 = "admin@edms.invalid"
    is_validated          = false
    mfa_enabled           = false
    failed_login_attempts = 0
    date_joined           = var.reinit_at
    password_changed_at   = var.reinit_at
    created_at            = var.reinit_at
    updated_at            = var.reinit_at
    metadata              = {}
  }]
}

# The standard types, where their codes are missing. "Forms and Templates" has
# the code FORM on every installation that has it: as FNT it would collide with
# that name, which is unique.
seed "documents.documenttype" {
  on = reinit
  for_each = {
    FORM = "Forms and Templates"
    MAN  = "Manual"
    POL  = "Policy"
    PROC = "Procedures"
    REC  = "Record"
    SOP  = "Standard Operating Procedures"
  }
  records = [{
    code              = each.key
    name              = each.value
    description       = each.value
    template_required = false
    template_path     = ""
    approval_required = true
    review_required   = true
    retention_years   = 7
    numbering_prefix  = each.key
    numbering_format  = "{prefix}-{year}-{sequence:04d}"
    is_active         = true
    created_at        = var.reinit_at
    updated_at        = var.reinit_at
    metadata          = {}
    created_by        = "admin"
  }]
}

seed "documents.documentsource" {
  on = reinit
  records = [
    {
      name                  = "Original Digital Draft"
      source_type           = "original_digital"
      description           = "A digital draft, uploaded"
      requires_verification = false
      requires_signature    = false
      is_active             = true
      created_at            = var.reinit_at
    },
    {
      name                  = "Scanned Original"
      source_type           = "scanned_original"
      description           = "A scan of the original document"
      requires_verification = true
      requires_signature    = false
      is_active             = true
      created_at            = var.reinit_at
    },
    {
      name                  = "Scanned Copy"
      source_type           = "scanned_copy"
      description           = "A scan of a copy"
      requires_verification = true
      requires_signature    = false
      is_active             = true
      created_at            = var.reinit_at
    },
  ]
}

# Paths in documents.file_path begin with storage/documents/, or are below the
# media folder. Certificates and backups have folders of their own, which no
# plan touches.
files "documents" {
  path      = env("EDMS_DOCUMENTS", "/app/storage/documents")
  package   = "storage/documents"
  reference = documents.document.file_path
  prefix    = "storage/documents/"
  reinit { clear = true }
}

files "media" {
  path      = env("EDMS_MEDIA", "/app/storage/media")
  package   = "storage/media"
  reference = documents.document.file_path
  reinit { clear = true }
}

guard "documents come back" {
  level         = overridable
  condition     = plan.total.package == 0 || plan.destroy["documents.document"] * 10 <= plan.live["documents.document"]
  error_message = "A restore would destroy more than a tenth of the live documents: is this the right package?"
}

guard "somebody remains" {
  condition     = plan.destroy["users.user"] == 0 || plan.destroy["users.user"] < plan.live["users.user"]
  error_message = "No user would remain."
}

check "an administrator can log in" {
  query         = "SELECT count(*) FROM users WHERE username = 'admin' AND is_active AND is_superuser"
  condition     = result == 1
  error_message = "There is no active administrator. Give one a password: -var admin_password=…"
}
