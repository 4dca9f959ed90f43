# Content types, schedules, certificates, placeholders and backup configurations.

model "contenttypes.contenttype" {
  table = "django_content_type"

  # The integer ids depend on the order in which migrations ran and differ in
  # nearly every row between two installations.
  natural_key = [app_label, model]

  reinit { clear = false }
}

model "django_celery_beat.crontabschedule" {
  table = "django_celery_beat_crontabschedule"

  # Neither a natural key nor a unique constraint exists: a schedule is what it
  # says. Two rows that say the same would be ambiguous, and validate reports
  # them; until then it warns that nothing keeps them from coming.
  natural_key = [minute, hour, day_of_week, day_of_month, month_of_year, timezone]
}

model "django_celery_beat.periodictasks" {
  table       = "django_celery_beat_periodictasks"
  natural_key = [ident] # one row, always 1: when a schedule last changed
}

model "security.pdfsigningcertificate" {
  table = "security_pdfsigningcertificate"

  # What the issuer gave it. The name is not unique: a renewed certificate
  # usually keeps it.
  natural_key = [serial_number]
  surrogate   = [uuid]
  sensitive   = [private_key_pem]

  reinit { clear = false }
  reference "created_by" {
    on_destroy = repoint
    repoint    = { username = "admin" }
  }

  # The certificate leaves, what signs with it does not.
  export { unset = [private_key_pem] }
}

model "placeholders.placeholderdefinition" {
  table       = "placeholder_definitions"
  natural_key = [name]
  surrogate   = [uuid] # a re-initialised system makes the standard ones anew

  reinit { clear = false }
  reference "created_by" {
    on_destroy = repoint
    repoint    = { username = "admin" }
  }
}

model "backup.backupconfiguration" {
  table = "backup_configurations"

  # How packages refer to it and how people know it, though no constraint backs
  # it: validate warns of that. Two rows of one name are a diagnostic, not a
  # guess.
  natural_key = [name]
  surrogate   = [uuid]

  reinit { clear = false }
  reference "created_by" {
    on_destroy = repoint
    repoint    = { username = "admin" }
  }
}
