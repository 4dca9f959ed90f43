policy { name = "p" }
variable "token" { sensitive = true }
model "users.user" {
  table       = users
  natural_key = [username]
  sensitive   = [password]
  max_destroy = 1.5
  reinit {
    clear = self.username
    on_keep { set = { username = "x", password = var.token, mail = var.token, is_active = false } }
  }
  reference "a" { on_destroy = cascade }
  reference "b" { on_destroy = repoint }
  reference "c" { repoint = { username = "admin" } }
  reference "d" {
    on_destroy = keep
    repoint    = { username = "admin" }
  }
  reference "e" {
    on_destroy = repoint
    repoint    = {}
  }
  reference "f" {
    on_destroy = repoint
    repoint    = { username = var.token, role = null, role = "x", n = self.username, m = var.none }
  }
  reference "g" {
    on_destroy = repoint
    repoint    = "admin"
  }
}
model "users.role" {
  table       = roles
  natural_key = [name]
  max_destroy = 99999999999999999999
  reinit { clear = 1 }
}
model "users.group" {
  table       = groups
  natural_key = [name]
  reinit {
    on_keep {}
  }
}
