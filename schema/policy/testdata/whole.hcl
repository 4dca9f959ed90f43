# Every block and attribute of the language once.
policy {
  name     = "records-${var.site}"
  unlisted = refuse
  discard  = [old.taskresult]

  require_signature = ["RWRpNl/uvq2O8MQTJ5baqRiE9U8xXI0qZsJIJ7DICQLhFXnKZKNtwc9q", "RWSp5Q+uJt5WHd7BN3rlQXKi4dC5UT/d1kOkt+FntufNMnoQSQWHMx4v"]
}

variable "site" {
  type        = string
  default     = "main"
  description = "Which site the records belong to."
}

variable "token" {
  type      = string
  default   = "correct horse"
  sensitive = true
}

variable "limits" {
  type    = map(number)
  default = { documents = 10 }
}

locals {
  domain = "${local.site}.example.test"
  site   = lower(var.site)
}

live {
  url = env("RECORDS_LIVE", "sqlite:records.db")
}

model "people.person" {
  table           = people
  natural_key     = [login]
  surrogate       = [uuid, "card number"]
  package_key     = [login, born]
  primary_key     = new
  sensitive       = [secret, badge]
  ignore          = [seen]
  discard         = [shoe_size]
  match           = keep
  absent          = destroy
  on_duplicate    = first
  on_collision    = rename
  prevent_destroy = true
  max_destroy     = var.limits["documents"]

  surrogate "uuid" { adopt = true }

  reinit {
    clear = self.login != "root"
    on_keep { set = { active = false } }
  }

  source {
    table   = "staff.persons"
    columns = { login = username, "seen" = "last seen" }
  }

  export {
    include = self.active
    hash    = [phone]
    unset   = [fax]
    keep    = [badge]
    replace "mail" { value = "${self.login}@${local.domain}" }
  }
}

model "archive.paper" {
  table       = "hr.papers"
  natural_key = ["number", owner]

  reference "owner" {
    on_missing = create
    create     = { active = false, mail = "${self.login}@${local.domain}" }
    model      = people.person
  }

  reference "readers" {
    on_missing = unset
    through    = hr.paper_readers
  }

  reference "shelf" { on_missing = skip }

  reference "keeper" {
    on_destroy = repoint
    repoint    = { login = lower("ADA"), "home" = ["main", 3] }
  }

  generic_reference "subject" {
    type       = content_type
    id         = object_id
    on_missing = skip
  }

  json_reference "history" {
    paths = {
      changed.author    = people.person
      "items.*.reader"  = "people.person"
      "a-member.author" = people.person
    }
    on_missing = fail
  }

  derive "code" { value = upper(replace(self.title, " ", "_")) }
}

seed "people.person" {
  on       = always
  match    = update
  for_each = ["ada", "grace"]
  records  = [{ login = each.value, active = true }]
}

seed "people.person" {
  on      = reinit
  records = [{ login = "root", secret = django_password(var.token), pin = django_unusable_password() }]
}

files "papers" {
  path      = "/srv/papers"
  package   = "media/papers/"
  reference = archive.paper.scan
  prefix    = "papers/"
  reinit { clear = true }
}

scope "papers" {
  models = [archive.*, "people.person"]
  where "archive.paper" { rows = self.state == "EFFECTIVE" && !try(self.hidden, false) }
}

retention {
  keep_last    = 3
  keep_hourly  = 24
  keep_daily   = var.limits["documents"]
  keep_weekly  = 5
  keep_monthly = 12
  keep_yearly  = 10
  keep_within  = "2y5m7d3h"
}

guard "few go" {
  level         = overridable
  condition     = plan.destroy["archive.paper"] <= var.limits.documents
  error_message = "Too many papers would be destroyed."
}

check "papers have owners" {
  query         = "SELECT count(*) FROM papers WHERE owner_id IS NULL"
  condition     = result == 0
  error_message = "A paper has no owner."
}

check "papers have titles" {
  model = archive.paper
  rows  = self.title != ""
}
