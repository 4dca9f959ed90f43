policy {
  name    = "p"
  unlistd = preserve
}

polcy { name = "p" }

name = "p"

source "x" { table = y }

reference "author" { on_missing = unset }

locals "x" { a = 1 }

model "a" "b" { table = a }

model { table = a }

model "" { table = a }

live {}

model "users.user" {
  table       = "users"
  natural_key = [username]
  reinit      = true
  derive      = 1
  match { to = update }
  refrence "manager" { on_missing = unset }
  reference "manager" { on_mising = unset }
  reference "boss" {}
  reference "boss" { on_missing = unset }
}
