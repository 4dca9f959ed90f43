policy { name = var.token }
variable "token" {
  default   = "hunter2"
  sensitive = true
}
locals {
  hidden = "x${var.token}"
  number = tonumber(local.hidden)
}
model "users.user" {
  table       = "users"
  natural_key = [username]
  derive "a" { value = tonumber(var.token) }
  derive "b" { value = { a = 1 }[local.hidden] }
  derive "c" { value = env(var.token) }
  derive "d" { value = regex("[", jsonencode(var)) }
}
