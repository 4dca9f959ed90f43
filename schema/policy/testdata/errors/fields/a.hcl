policy { name = "p" }
model "users.user" {
  table       = "${var.prefix}users"
  natural_key = [username, "username", realm.name, 3]
  package_key = []
  sensitive   = [username]
  ignore      = [username, a]
  discard     = [username, a, a]
  surrogate   = uuid
}
model "users.role" {
  table       = users . x
  natural_key = []
  surrogate   = [uuid]
  surrogate "uuid" { adopt = 1 }
  surrogate "uuid" {}
  derive "code" { value = 1 }
  derive "code" { value = 2 }
  export {
    hash  = [a]
    unset = [a]
    replace "a" { value = 1 }
  }
}
model "users. role" {
  table       = a.b.c
  natural_key = self
}
